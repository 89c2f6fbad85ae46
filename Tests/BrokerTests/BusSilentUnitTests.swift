import Broker
import Modbus
import Testing

/// R11 on the line: a silent unit does not stop the others.
@Suite struct BusSilentUnitTests {
    /// Three reads fail: unit 1 has become silent.
    private func silence(_ bench: Bench) {
        for _ in 0..<3 {
            bench.ask(.holding(0))
            bench.run(.seconds(3))
        }
        bench.line.forget()
    }

    @Test func `R11 after three failures reads of a unit that never answered are refused at once`() throws {
        let bench = Bench { $0.retries = 0 }
        for _ in 0..<3 {
            bench.ask(.holding(0))
            bench.run(.milliseconds(1500))
        }
        #expect(bench.changes == ["1 silent"])
        let asked = bench.ask(.holding(0))
        #expect(asked.error == .silentUnit)
        #expect(try #require(asked.exchange).finished == bench.now)
        #expect(bench.line.transmissions.count == 3)
        bench.finish()
    }

    @Test func `R11 reads that wait for a unit are completed when it becomes silent`() {
        let bench = Bench()
        let waiting = (0..<8).map { bench.ask(.holding(UInt16($0))) }
        bench.run(.seconds(30))
        #expect(waiting.prefix(3).allSatisfy { $0.error == .noReply })
        #expect(waiting.dropFirst(3).allSatisfy { $0.error == .silentUnit })
        bench.finish()
    }

    @Test func `R11 one read per back-off period is sent as a probe, and not retried`() {
        let bench = Bench()
        silence(bench)
        let probe = bench.ask(.holding(1))
        let second = bench.ask(.holding(2))
        bench.run(.milliseconds(950))
        #expect(bench.line.sent == [.holding(1)])
        #expect(probe.error == .noReply)
        #expect(second.error == .silentUnit)
        bench.finish()
    }

    @Test func `R11 the back-off doubles to 60 s`() {
        let bench = Bench { $0.minPeriod = .zero }
        silence(bench)
        for _ in 0..<4000 {
            bench.ask(.holding(1))
            bench.run(.milliseconds(100))
        }
        let instants = bench.line.instants
        // Each period runs from the failure of the probe before.
        let steps = zip(instants.dropFirst(), instants).map { ($0 - $1 - .milliseconds(908)).components.seconds }
        #expect(Array(steps.prefix(8)) == [2, 4, 8, 16, 32, 60, 60, 60])
        bench.finish()
    }

    @Test func `R11 writes to a silent unit are still sent`() {
        let bench = Bench()
        bench.warmUp(unit: 2)
        silence(bench)
        let writes = (0..<3).map { bench.ask(.write(UInt16($0), 1)) }
        bench.run(.seconds(10))
        #expect(bench.line.sent == [.write(0, 1), .write(1, 1), .write(2, 1)])
        #expect(writes.allSatisfy { $0.error == .noReply })
        bench.finish()
    }

    @Test func `R11 the first good reply makes a unit live again`() {
        let bench = Bench()
        silence(bench)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        bench.run(.seconds(2))
        bench.ask(.holding(1))
        bench.run(.seconds(1))
        #expect(bench.changes == ["1 silent", "1 live"])
        #expect(bench.ask(.holding(2)).error == nil)
        bench.finish()
    }

    @Test func `R11 a late reply makes a unit live again`() {
        let bench = Bench()
        silence(bench)
        bench.line.respond = { [(.milliseconds(1000), Unit.reply(to: $0).bytes)] }
        bench.run(.seconds(2))
        bench.ask(.holding(1))
        bench.run(.seconds(2))
        #expect(bench.changes == ["1 silent", "1 live"])
        bench.finish()
    }

    @Test func `R11 other units are served at full speed`() {
        let bench = Bench { $0.minPeriod = .milliseconds(100) }
        silence(bench)
        bench.line.respond = { $0.unit == 2 ? Unit.answering(after: .milliseconds(20))($0) : [] }
        let served = (0..<20).map { index in
            bench.ask(.holding(0), by: bench.other)
            return bench.ask(.holding(UInt16(index)), unit: 2, within: .milliseconds(2700))
        }
        bench.run(.seconds(5))
        // The one probe costs its timeout; the others fit in as if there were no silent unit.
        #expect(served.count { $0.reply != nil } >= 10)
        #expect(bench.line.transmissions.count { $0.frame?.unit == 1 } == 1)
        bench.finish()
    }

    @Test func `R11 a unit that has answered within 10 s is not silent, whatever fails`() {
        let bench = Bench { ($0.retries, $0.minPeriod) = (0, .zero) }
        bench.warmUp()
        for _ in 0..<8 {
            bench.ask(.holding(0))
            bench.run(.milliseconds(950))
        }
        #expect(bench.changes.isEmpty)
        bench.run(.seconds(3))
        bench.ask(.holding(0))
        bench.run(.seconds(1))
        #expect(bench.changes == ["1 silent"])
        bench.finish()
    }

    @Test func `R11 a silent night makes no storm of reports`() {
        let bench = Bench()
        for _ in 0..<2000 {
            bench.ask(.holding(0))
            bench.run(.seconds(1))
        }
        #expect(bench.changes == ["1 silent"])
        bench.finish()
    }
}
