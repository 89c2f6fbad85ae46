import Broker
import Modbus
import Testing

/// A bus that stops: every completion exactly once, and `done` after them all.
@Suite struct BusStopTests {
    /// Stops, and returns what was completed before and after `done`.
    private func stop(_ bench: Bench, _ asked: [Asked]) -> Instant? {
        var stopped: Instant?
        bench.bus.stop {
            stopped = bench.now
            for entry in asked { entry.expectCompletedOnce() }
        }
        bench.run(.seconds(10))
        return stopped
    }

    @Test func `R10 stopped while idle: done at once, and further queries are refused`() {
        let bench = Bench()
        #expect(stop(bench, []) == .start)
        #expect(bench.ask(.holding(0)).error == .stopping)
        bench.finish()
    }

    @Test func `R10 stopped while queries wait: they are answered and never sent`() {
        let bench = Bench()
        let asked = [bench.ask(.holding(0)), bench.ask(.write(0, 1)), bench.ask(.input(0), by: bench.shine)]
        #expect(stop(bench, asked) == .start)
        #expect(asked.allSatisfy { $0.error == .stopping })
        #expect(bench.line.transmissions.isEmpty)
        bench.finish()
    }

    @Test(arguments: [PDU.holding(0), .write(0, 1)])
    func `R10 stopped with a request on the line: it runs to its end`(pdu: PDU) {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(200))
        let (asked, waiting) = (bench.ask(pdu), bench.ask(.holding(1)))
        let start = bench.now
        bench.run(.milliseconds(50))
        #expect(stop(bench, [asked, waiting]) == start + .milliseconds(8 + 200))
        #expect(asked.reply != nil)
        #expect(waiting.error == .stopping)
        bench.finish()
    }

    @Test func `R4 stopped with a read on the line that gets no reply: done when none can come any more`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0))
        let start = bench.now
        bench.run(.milliseconds(50))
        #expect(stop(bench, [asked]) == start + .milliseconds(8 + 900 + 900))
        #expect(asked.error == .noReply)
        #expect(asked.exchange?.finished == start + .milliseconds(8 + 900))
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }

    @Test func `R4 stopped while a late reply is owed: done as soon as it has come`() {
        let bench = Bench { $0.retries = 0 }
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(1200))
        let asked = bench.ask(.holding(0), within: .milliseconds(1000))
        let start = bench.now
        bench.run(.milliseconds(1000))
        #expect(asked.error != nil)
        #expect(stop(bench, [asked]) == start + .milliseconds(8 + 1200))
        #expect(bench.discarded(.late).count == 1)
        bench.finish()
    }

    @Test func `R10 stopped while a retry is pending: the read is answered`() {
        let (bench, asked) = Bench.beforeRetry()
        let now = bench.now
        #expect(stop(bench, [asked]) == bench.line.instants[0] + .milliseconds(8 + 10 + 500))
        #expect(asked.error == .stopping)
        #expect(asked.exchange?.finished == now)
        bench.finish()
    }

    @Test func `R10 stopped during an echo probe: its write is not sent`() {
        let bench = Bench()
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(600))
        #expect(stop(bench, [asked]) != nil)
        #expect(asked.error == .stopping)
        #expect(bench.line.sent == [.holding(0)])
        bench.finish()
    }

    @Test func `R10 stopped between an echo probe and its write: the write is not sent`() {
        let bench = Bench()
        bench.line.respond = Unit.inTurn(Unit.answering(after: .milliseconds(20)))
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(700))
        let now = bench.now
        #expect(stop(bench, [asked]) == now)
        #expect(asked.error == .stopping)
        #expect(bench.line.sent == [.holding(0)])
        bench.finish()
    }

    @Test func `R10 stopped in the turnaround after a broadcast: the units get their time`() {
        let bench = Bench()
        let asked = bench.ask(.write(0, 1), unit: 0)
        bench.run(.milliseconds(510))
        #expect(stop(bench, [asked]) == bench.line.instants[0] + .milliseconds(8 + 100))
        bench.finish()
    }

    @Test func `R10 stopped twice: both are told`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0))
        bench.run(.milliseconds(50))
        var told: [Int] = []
        bench.bus.stop { told.append(1) }
        bench.bus.stop { told.append(2) }
        #expect(told.isEmpty && asked.exchange == nil)
        bench.run(.seconds(2))
        #expect(told == [1, 2])
        bench.finish()
    }

    @Test func `R4 stopped and then unplugged: done when no reply can come any more to who opens the line next`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0))
        let start = bench.now
        bench.run(.milliseconds(50))
        var stopped: Instant?
        bench.bus.stop { stopped = bench.now }
        bench.bus.lineClosed("unplugged")
        #expect(stopped == nil && asked.error == .unavailable)
        bench.run(.seconds(10))
        #expect(stopped == start + .milliseconds(8 + 900 + 900))
        bench.finish()
    }

    @Test func `R10 a completion that asks again while stopping is refused, and done comes after it`() {
        let bench = Bench()
        let first = bench.ask(.holding(0))
        var second: Asked?
        first.then = { _ in second = bench.ask(.holding(1)) }
        #expect(stop(bench, [first]) == .start)
        #expect(second?.error == .stopping)
        bench.finish()
    }
}
