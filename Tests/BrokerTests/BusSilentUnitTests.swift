import Broker
import Modbus
import Testing

/// R11 on the line: a silent unit does not stop the others.
@Suite struct BusSilentUnitTests {
    /// Five reads fail: unit 1, of which nothing ever came, has become silent.
    private func silence(_ bench: Bench) {
        for address in UInt16(0)..<5 {
            bench.ask(.input(address))
            bench.run(.seconds(3))
        }
        bench.line.forget()
    }

    /// Unit 1 answers holding 0 and 1, and then nothing more; somebody notices.
    private func dusk(_ bench: Bench) {
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        for address in UInt16(0)...1 {
            bench.ask(.holding(address))
            bench.run(.seconds(2))
        }
        bench.line.respond = Unit.silent
        bench.run(.seconds(10))
        for _ in 0..<3 {
            bench.ask(.holding(1))
            bench.run(.seconds(3))
        }
        #expect(bench.changes == ["1 silent"])
        bench.line.forget()
    }

    @Test func `R11 reads that wait for a unit are tried once when it becomes silent`() {
        let bench = Bench()
        let waiting = (0..<8).map { bench.ask(.holding(UInt16($0))) }
        bench.run(.seconds(60))
        #expect(waiting.allSatisfy { $0.error == .noReply })
        #expect(waiting.map { $0.exchange?.attempts } == [2, 2, 2, 2, 2, 1, 1, 1])
        bench.finish()
    }

    @Test func `R11 a known read that has failed is answered without the line while its unit is silent`() throws {
        let bench = Bench()
        dusk(bench)
        let asked = bench.ask(.holding(1))
        #expect(asked.error == .silentUnit)
        #expect(try #require(asked.exchange).finished == bench.now)
        bench.finish()
    }

    @Test func `R11 the broker probes a silent unit with known reads by itself, without a retry`() {
        let bench = Bench { $0.minPeriod = .zero }
        dusk(bench)
        bench.run(.seconds(60))
        #expect(bench.line.sent.allSatisfy { [.holding(0), .holding(1)].contains($0) })
        #expect((4...6).contains(bench.line.sent.count))
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        bench.run(.seconds(61))
        #expect(bench.changes == ["1 silent", "1 live"])
        #expect(bench.discarded(.probe).count == 1)
        bench.finish()
    }

    @Test func `R11 writes to a silent unit are still sent, in the class of their client's reads`() {
        let bench = Bench()
        bench.warmUp(unit: 2)
        silence(bench)
        bench.line.respond = { $0.unit == 2 ? Unit.answering(after: .milliseconds(20))($0) : [] }
        let write = bench.ask(.write(0, 1))
        bench.ask(.write(1, 1))
        let read = bench.ask(.holding(0), unit: 2, by: bench.shine)
        bench.run(.seconds(10))
        #expect(bench.line.transmissions.compactMap(\.frame?.unit) == [1, 2, 1])
        #expect(write.error == .noReply && read.reply != nil)
        bench.finish()
    }

    @Test func `R11 a late reply makes a unit live again`() {
        let bench = Bench()
        silence(bench)
        bench.line.respond = { [(.milliseconds(1000), Unit.reply(to: $0).bytes)] }
        bench.ask(.holding(1))
        bench.run(.seconds(3))
        #expect(bench.changes == ["1 silent", "1 live"])
        bench.finish()
    }

    @Test func `R11 a damaged reply is a sign of life`() {
        let bench = Bench()
        bench.line.respond = { request in
            var bytes = Unit.reply(to: request).bytes
            bytes[bytes.count - 1] ^= 0xFF
            return [(.milliseconds(20), bytes)]
        }
        for address in UInt16(0)..<20 {
            bench.ask(.holding(address))
            bench.run(.seconds(3))
        }
        #expect(bench.changes.isEmpty)
        bench.finish()
    }

    /// What made 0.1.0 take a unit from everybody: a Growatt says nothing to what it has not.
    @Test func `R11 silence about a range is no silence of the unit, whatever the order`() {
        let bench = Bench()
        bench.line.respond = { request in
            (request.pdu.word(at: 1) ?? 0) >= 30_000 ? [] : Unit.answering(after: .milliseconds(80))(request)
        }
        var good: [Asked] = []
        for _ in 0..<40 {
            for address in [UInt16(30_000), 30_100, 31_000] { bench.ask(.holding(address), by: bench.other) }
            for address in [UInt16(0), 40, 80] { good.append(bench.ask(.holding(address, 20))) }
            bench.run(.seconds(15))
        }
        #expect(good.allSatisfy { $0.reply != nil })
        #expect(bench.changes.isEmpty)
        let absent = bench.line.sent.count { ($0.word(at: 1) ?? 0) >= 30_000 }
        #expect(absent <= 3 * 8, "they rest: \(absent) requests")
        bench.finish()
    }

    @Test func `R11 a range that rests is answered without the line, an acknowledged write ends its rest`() {
        let bench = Bench()
        bench.line.respond = { request in
            request.pdu == .holding(3001) ? [] : Unit.answering(after: .milliseconds(20))(request)
        }
        bench.ask(.holding(3001))
        bench.run(.seconds(4))
        #expect(bench.ask(.holding(3001)).error == .restingRange)
        #expect(bench.ask(.holding(3001, 2)).error == nil)
        bench.run(.seconds(4))
        bench.ask(.write(1, 1))
        bench.run(.seconds(4))
        #expect(bench.ask(.holding(3001)).error == nil)
        bench.run(.seconds(4))
        #expect(bench.ask(.holding(3001)).error == .restingRange)
        bench.finish()
    }

    @Test func `R11 a gateway's word for silence is passed on, makes nothing known, and makes a unit silent`() {
        let bench = Bench { ($0.hasTransactions, $0.minPeriod) = (true, .zero) }
        bench.line.respond = { [(.milliseconds(500), $0.exception(.gatewayTargetFailedToRespond).bytes)] }
        let asked = (0..<5).map { bench.ask(.holding(UInt16($0))) }
        bench.run(.seconds(10))
        #expect(asked.allSatisfy { $0.reply?.pdu.exceptionCode == .gatewayTargetFailedToRespond })
        #expect(asked.allSatisfy { $0.exchange?.attempts == 1 })
        #expect(bench.changes == ["1 silent"])
        bench.finish()
    }

    @Test func `R11 other units are served at full speed`() {
        let bench = Bench { $0.minPeriod = .milliseconds(100) }
        silence(bench)
        bench.line.respond = { $0.unit == 2 ? Unit.answering(after: .milliseconds(20))($0) : [] }
        let served = (0..<20).map { index in
            bench.ask(.input(0), by: bench.other)
            return bench.ask(.holding(UInt16(index)), unit: 2, within: .milliseconds(4700))
        }
        bench.run(.seconds(8))
        // The one try costs its timeout; the others fit in as if there were no silent unit.
        #expect(served.count { $0.reply != nil } >= 18)
        #expect(bench.line.transmissions.count { $0.frame?.unit == 1 } == 1)
        bench.finish()
    }

    @Test func `R11 a silent night makes no storm of reports`() {
        let bench = Bench()
        for _ in 0..<2000 {
            bench.ask(.holding(0))
            bench.ask(.holding(1))
            bench.ask(.holding(2))
            bench.ask(.holding(3))
            bench.ask(.holding(4))
            bench.run(.seconds(1))
        }
        #expect(bench.changes == ["1 silent"])
        bench.finish()
    }
}
