import Broker
import Modbus
import Testing

/// R4 and R9 on the line: late replies, and what is repeated.
@Suite struct BusDebtTests {
    /// Each request is sent once, without a pause.
    private static func hasty(_ change: (inout BusSettings) -> Void = { _ in }) -> Bench {
        Bench {
            ($0.retries, $0.minPeriod) = (0, .zero)
            change(&$0)
        }
    }

    /// The reply of a unit that is 200 ms too slow.
    private static func late(_ request: RTUFrame) -> [ScriptedLine.Piece] {
        [(.milliseconds(1100), Unit.reply(to: request, value: 0xDEAD).bytes)]
    }

    /// The second of two reads gets its own reply, and the first one none.
    private static func expectLateReplyToNobody(_ bench: Bench) {
        bench.line.respond = Unit.inTurn(late, Unit.answering(after: .milliseconds(30), value: 0x0001))
        let first = bench.ask(.holding(0))
        let second = bench.ask(.holding(7))
        bench.run(.seconds(5))
        #expect(first.error == .noReply)
        #expect(second.reply?.pdu == .raw(3, 2, 0x00, 0x01))
    }

    /// How long after the first of two different reads the second one is sent.
    private static func waitBehindFirst(_ bench: Bench) -> Duration {
        bench.ask(.holding(0))
        bench.ask(.holding(7))
        bench.finish()
        return bench.line.instants[1] - bench.line.instants[0]
    }

    /// The right reply, but for its last byte.
    private static func damaged(_ request: RTUFrame) -> [ScriptedLine.Piece] {
        var bytes = Unit.reply(to: request).bytes
        bytes[bytes.count - 1] ^= 1
        return [(.milliseconds(30), bytes)]
    }

    @Test func `R4 a late reply is discarded and never given to another request`() {
        let bench = Self.hasty()
        Self.expectLateReplyToNobody(bench)
        #expect(bench.discarded(.late) == [Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0)), value: 0xDEAD).bytes])
        bench.finish()
    }

    @Test func `R4 with a debt open nothing else of that unit and function is sent before its window is over`() {
        #expect(Self.waitBehindFirst(Self.hasty()) == .milliseconds(8 + 900 + 900))
    }

    @Test func `R4 without transaction identifiers that say anything a server keeps debts as a line does`() {
        for isIgnoring in [true, false] {
            let bench = Self.hasty {
                ($0.timing, $0.hasTransactions, $0.ignoresTransactions) = (.modbusTCP, true, isIgnoring)
            }
            Self.expectLateReplyToNobody(bench)
            // Otherwise the link knows late replies, and the bus need not wait.
            #expect((bench.line.instants[1] - bench.line.instants[0] >= .milliseconds(1100)) == isIgnoring)
            #expect(bench.discarded(.late).count == (isIgnoring ? 1 : 0))
            bench.finish()
        }
    }

    @Test func `R4 other functions and other units do not wait for a debt`() {
        let bench = Self.hasty()
        bench.ask(.holding(0))
        bench.run(.milliseconds(10))
        bench.ask(.holding(7), by: bench.other)
        bench.ask(.input(7), by: bench.shine)
        bench.run(.milliseconds(910))
        #expect(bench.line.sent == [.holding(0), .input(7)])
        bench.finish()
    }

    @Test func `R4 the late reply settles its debt`() {
        let bench = Self.hasty()
        bench.line.respond = Unit.inTurn(Self.late)
        #expect(Self.waitBehindFirst(bench) <= .milliseconds(8 + 1100 + 10))
    }

    @Test func `R4 a late exception settles its debt and is not given to another`() {
        let bench = Self.hasty()
        let exception = RTUFrame(unit: 1, pdu: .raw(0x83, 2))
        bench.line.respond = Unit.inTurn(
            { _ in [(.milliseconds(1000), exception.bytes)] }, Unit.answering(after: .milliseconds(30)))
        bench.ask(.holding(0))
        let second = bench.ask(.holding(7))
        bench.run(.seconds(5))
        #expect(second.reply?.pdu == .raw(3, 2, 0x12, 0x34))
        #expect(bench.discarded(.late) == [exception.bytes])
        bench.finish()
    }

    @Test func `R4 a debt of unit 0 counts for every unit`() {
        let bench = Self.hasty()
        bench.ask(.holding(43), unit: 0)
        bench.ask(.holding(7), unit: 5)
        bench.run(.seconds(5))
        #expect(bench.line.instants[1] == bench.line.instants[0] + .milliseconds(8 + 900 + 900))
        bench.finish()
    }

    @Test func `R4 an identical read is repeated at once`() {
        let bench = Self.hasty()
        bench.ask(.holding(0))
        bench.ask(.holding(0), by: bench.other)
        bench.run(.seconds(5))
        #expect(bench.line.instants[1] < bench.line.instants[0] + .milliseconds(8 + 900 + 10))
        bench.finish()
    }

    @Test func `R4 the late reply to a read is a right answer to its repetition, and the second reply is discarded`() {
        let bench = Bench()
        bench.line.respond = Unit.inTurn(Self.late, Unit.answering(after: .milliseconds(300), value: 0xBEEF))
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(5))
        #expect(asked.reply?.pdu == .raw(3, 2, 0xDE, 0xAD))
        #expect(bench.discarded(.late).count == 1)
        bench.finish()
    }

    @Test func `R4 a read whose reply may be older than a write to the unit waits for the window`() {
        let bench = Self.hasty()
        bench.warmUp()
        bench.ask(.holding(0))
        bench.run(.milliseconds(100))
        bench.ask(.write(0, 5), by: bench.other)
        bench.ask(.holding(0))
        bench.run(.milliseconds(850))
        #expect(bench.line.sent == [.holding(0), .write(0, 5)])
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.holding(0), .write(0, 5), .holding(0)])
        #expect(bench.line.instants[2] - bench.line.instants[0] >= .milliseconds(8 + 900 + 900))
        bench.finish()
    }

    @Test func `R4 an identical write waits until the window of the first is over`() {
        let bench = Bench { $0.minPeriod = .zero }
        bench.warmUp()
        bench.ask(.write(0, 5))
        bench.ask(.write(0, 5), by: bench.other)
        bench.run(.seconds(10))
        #expect(bench.line.instants.count == 2)
        #expect(bench.line.instants[1] - bench.line.instants[0] == .milliseconds(8 + 900 + 900))
        bench.finish()
    }

    @Test func `R4 a damaged reply of the expected length leaves no debt`() {
        let bench = Self.hasty()
        bench.line.respond = Unit.inTurn(Self.damaged)
        #expect(Self.waitBehindFirst(bench) < .milliseconds(100))
    }

    @Test(arguments: [
        (Duration.milliseconds(900), Duration.milliseconds(900)), (.milliseconds(100), .milliseconds(500)),
    ])
    func `R4 the window is the response timeout, at least half a second`(timeout: Duration, window: Duration) {
        let wait = Self.waitBehindFirst(Self.hasty { $0.responseTimeout = timeout })
        #expect(wait == .milliseconds(8) + timeout + window)
    }

    @Test(arguments: [PDU.holding(0), .input(3000, 125), .raw(0x01, 0, 0, 0, 8), .raw(0x20, 0, 0, 0, 100)])
    func `R9 a read is retried once after t3·5`(pdu: PDU) {
        let bench = Bench()
        let asked = bench.ask(pdu)
        bench.run(.seconds(10))
        #expect(bench.line.sent == [pdu, pdu])
        #expect(bench.line.instants[1] == bench.line.instants[0] + .milliseconds(8 + 900))
        #expect(asked.exchange?.attempts == 2)
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test(arguments: [
        PDU.write(0, 1), .raw(0x05, 0, 0, 0xFF, 0), .raw(0x10, 0, 0, 0, 1, 2, 0, 1),
        .raw(0x17, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1),
        .unknown, .raw(0x2B, 0x0E, 1, 0),
    ])
    func `R9 a write or an unknown function is never repeated, its outcome is unknown`(pdu: PDU) {
        let bench = Bench { $0.retries = 3 }
        bench.warmUp()
        let asked = bench.ask(pdu)
        bench.run(.seconds(10))
        #expect(bench.line.sent == [pdu])
        #expect(asked.error == .noReply)
        #expect(asked.exchange?.sent != nil)
        bench.finish()
    }

    @Test(arguments: [PDU.write(0, 1), .unknown])
    func `R9 a write with a damaged reply is not repeated either, although nothing is owed`(pdu: PDU) {
        let bench = Bench { $0.retries = 3 }
        bench.warmUp()
        bench.line.respond = Self.damaged
        let asked = bench.ask(pdu)
        bench.run(.seconds(10))
        #expect(bench.line.sent == [pdu])
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test func `R9 a read is not retried when its deadline does not allow it`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0), within: .milliseconds(910))
        bench.run(.seconds(5))
        #expect(bench.line.transmissions.count == 1)
        #expect(asked.error == .noReply)
        bench.finish()
    }
}
