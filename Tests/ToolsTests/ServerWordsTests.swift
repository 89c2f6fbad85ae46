import Modbus
import Testing

@testable import Tools

struct ServerWordsTests {
    private func meaning(_ bytes: [UInt8], hasTransactions: Bool = false) -> String? {
        ServerWords.meaning(of: bytes, hasTransactions: hasTransactions)
    }

    @Test(arguments: ["Port already in use\r\n", "Device open failure: Value or file not found\r\n"])
    func `words of a serial server are quoted`(_ words: String) {
        let line = words.split(separator: "\r\n")[0]
        #expect(meaning(Array(words.utf8)) == "the server says: \"\(line)\"")
    }

    @Test func `Telnet negotiation is known`() {
        #expect(meaning([0xFF, 0xFB, 0x01, 0xFF, 0xFB, 0x03])?.contains("Telnet") == true)
    }

    @Test func `the other framing is named in both directions`() {
        let pdu = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
        #expect(meaning(TCPFrame(transaction: 7, unit: 1, pdu: pdu).bytes)?.contains("use tcp://") == true)
        let frame = RTUFrame(unit: 1, pdu: pdu).bytes
        #expect(meaning(frame, hasTransactions: true)?.contains("use rtuovertcp://") == true)
    }

    @Test func `noise and frames of the right framing mean nothing`() {
        #expect(meaning([]) == nil)
        #expect(meaning([0xFF, 0x00, 0x17]) == nil)
        #expect(meaning(RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 0, quantity: 1)).bytes) == nil)
    }
}

struct ClosedConnectionTests {
    @Test func `a connection that was closed is told as such, and nothing is said of the wiring`() {
        var plan = ProbePlan(settings: [nil], units: [1], listensFirst: false)
        var hearing = ProbeHearing()
        hearing.lossReason = "closed by the server"
        while case .ask = plan.next { plan.note(hearing) }
        #expect(plan.findings.verdict == .closed("closed by the server", words: nil))
    }
}
