import Modbus
import Testing

@testable import Tools

struct ClosedConnectionTests {
    @Test func `a connection that was closed is told as such, and nothing is said of the wiring`() {
        var plan = ProbePlan(settings: [nil], units: [1], listensFirst: false)
        var hearing = ProbeHearing()
        hearing.lossReason = "closed by the server"
        while case .ask = plan.next { plan.note(hearing) }
        #expect(plan.findings.verdict == .closed("closed by the server", words: nil))
    }
}
