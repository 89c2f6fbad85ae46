import Simulation
import Testing

/// The daily load of a real installation, at the default settings.
struct LoadTests {
    /// Two runs of an hour; `simulate load` runs for days.
    private static let reports = [1, 2].map { LoadScenario(duration: .seconds(3600)).run(seed: $0) }
    private static let dongle = ClientFigures(joining: reports.map(\.dongle))
    private static let homeAssistant = ClientFigures(joining: reports.map(\.homeAssistant))

    @Test func `R9 the dongle waits less than half a second for most answers`() {
        #expect(Self.dongle.medianWait < .milliseconds(500), "\(Self.dongle)")
    }

    @Test func `R9 at most 1 % of the requests stay unanswered`() {
        #expect(Self.dongle.unansweredShare <= 0.01, "\(Self.dongle)")
        #expect(Self.homeAssistant.unansweredShare <= 0.01, "\(Self.homeAssistant)")
    }

    @Test func `R7 the pacing of the prototype starves Home Assistant`() {
        var scenario = LoadScenario(duration: .seconds(1800))
        scenario.minPeriod = .seconds(1)
        scenario.responseTimeout = .milliseconds(1500)
        let report = scenario.run(seed: 1)
        #expect(report.dongle.unansweredShare > 0.03, "\(report.dongle)")
        #expect(report.homeAssistant.unansweredShare > 0.1, "\(report.homeAssistant)")
    }

    @Test func `the same seed is the same run`() {
        let scenario = LoadScenario(duration: .seconds(300))
        let (first, second) = (scenario.run(seed: 7), scenario.run(seed: 7))
        #expect("\(first.dongle) \(first.homeAssistant)" == "\(second.dongle) \(second.homeAssistant)")
    }
}
