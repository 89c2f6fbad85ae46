import Broker
import Modbus
import Testing

/// R12: the line can vanish in every phase, and every query is completed once.
@Suite struct BusLineLossTests {
    @Test func `R12 closed while queries wait: all are answered as unavailable`() {
        let bench = Bench()
        let asked = [bench.ask(.holding(0)), bench.ask(.write(1, 1)), bench.ask(.input(0), by: bench.shine)]
        bench.bus.lineClosed("unplugged")
        #expect(asked.allSatisfy { $0.error == .unavailable })
        #expect(bench.line.transmissions.isEmpty)
        bench.finish()
    }

    @Test func `R12 further queries are answered as unavailable until the line opens again`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        bench.bus.lineClosed("unplugged")
        #expect(bench.ask(.holding(0)).error == .unavailable)
        #expect(bench.ask(.write(0, 1)).error == .unavailable)
        bench.bus.lineOpened()
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(asked.reply != nil)
        bench.finish()
    }

    @Test func `R12 while the port is opened for the first time queries wait, and are sent when it is open`() {
        let bench = Bench(isOpen: false)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        bench.bus.lineOpening()
        let asked = [bench.ask(.holding(0)), bench.ask(.write(1, 1))]
        bench.run(.seconds(2))
        #expect(asked.allSatisfy { $0.exchange == nil } && bench.line.transmissions.isEmpty)
        bench.bus.lineOpened()
        bench.run(.seconds(2))
        #expect(asked.allSatisfy { $0.reply != nil })
        bench.finish()
    }

    @Test func `R12 a port that cannot be opened answers those who waited, and everybody until it is open`() {
        let bench = Bench(isOpen: false)
        bench.bus.lineOpening()
        let asked = bench.ask(.holding(0))
        bench.bus.lineNotOpened()
        #expect(asked.error == .unavailable)
        bench.bus.lineOpening()
        bench.bus.lineNotOpened()
        #expect(bench.ask(.holding(0)).error == .unavailable)
        bench.finish()
    }

    @Test func `R12 an opening that hangs is waited for 3 s, or until the deadline of the query`() {
        let bench = Bench(isOpen: false)
        bench.bus.lineOpening()
        let (patient, hasty) = (bench.ask(.holding(0)), bench.ask(.holding(0), within: .seconds(1)))
        bench.run(.milliseconds(2_999))
        #expect(hasty.error == .unavailable)
        #expect(patient.exchange == nil)
        bench.run(.milliseconds(1))
        #expect(patient.error == .unavailable)
        #expect(bench.ask(.holding(0)).error == .unavailable)
        bench.finish()
    }

    @Test func `R12 a bus that stops while its port is opened answers what waits`() {
        let bench = Bench(isOpen: false)
        bench.bus.lineOpening()
        let asked = bench.ask(.holding(0))
        bench.bus.stop {}
        #expect(asked.error == .stopping)
        bench.finish()
    }

    @Test func `R12 closed while a read is on the line: it is answered as unavailable and not repeated`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0))
        bench.run(.milliseconds(100))
        bench.bus.lineClosed("unplugged")
        #expect(asked.error == .unavailable)
        #expect(asked.exchange?.sent != nil)
        bench.bus.lineOpened()
        bench.run(.seconds(10))
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }

    @Test func `R12 closed while a write is on the line: its outcome is unknown`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(100))
        bench.bus.lineClosed("unplugged")
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test func `R12 closed when the deadline has passed on the line: no second completion`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0), within: .milliseconds(300))
        bench.run(.milliseconds(500))
        #expect(asked.error == .expiredOnLine)
        bench.bus.lineClosed("unplugged")
        bench.finish()
    }

    @Test func `R12 closed while a retry is pending: the read is answered as unavailable`() {
        let (bench, asked) = Bench.beforeRetry()
        bench.bus.lineClosed("unplugged")
        #expect(asked.error == .unavailable)
        bench.bus.lineOpened()
        bench.run(.seconds(5))
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }

    @Test func `R12 closed during an echo probe: the write was not sent, and is unavailable`() {
        let bench = Bench()
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(600))
        #expect(bench.line.sent == [.holding(0)])
        bench.bus.lineClosed("unplugged")
        #expect(asked.error == .unavailable)
        #expect(asked.exchange?.sent == nil)
        bench.finish()
    }

    @Test func `R12 closed between an echo probe and its write: the write is unavailable`() {
        let bench = Bench()
        bench.line.respond = Unit.inTurn(Unit.answering(after: .milliseconds(20)))
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(700))
        #expect(bench.discarded(.echoProbe).count == 1 && asked.exchange == nil)
        bench.bus.lineClosed("unplugged")
        #expect(asked.error == .unavailable)
        bench.finish()
    }

    @Test func `R12 closed in the turnaround after a broadcast: nothing is owed`() {
        let bench = Bench()
        let asked = bench.ask(.write(0, 1), unit: 0)
        bench.run(.milliseconds(550))
        #expect(asked.exchange?.attempts == 1)
        bench.bus.lineClosed("unplugged")
        bench.bus.lineOpened()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let read = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(read.reply != nil)
        bench.finish()
    }

    @Test func `R12 the reply to what was on the line before is not given to another request`() {
        let bench = Bench { $0.minPeriod = .zero }
        bench.warmUp()
        bench.ask(.holding(0))
        bench.run(.milliseconds(100))
        bench.bus.lineClosed("hang-up")
        bench.bus.lineOpened()
        let other = bench.ask(.holding(7))
        let late = Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0)), value: 0xDEAD)
        bench.line.deliver(late.bytes, at: bench.now + .milliseconds(200))
        bench.line.respond = Unit.answering(after: .milliseconds(20), value: 1)
        bench.run(.seconds(5))
        #expect(other.reply?.pdu == .raw(3, 2, 0, 1))
        #expect(bench.discarded(.late) == [late.bytes])
        bench.finish()
    }

    @Test func `R12 bytes of a closed line are ignored`() {
        let bench = Bench()
        bench.bus.lineClosed("unplugged")
        bench.bus.received([1, 2, 3])
        #expect(bench.discarded(.noise).isEmpty)
        bench.finish()
    }

    @Test func `R12 to close twice is reported once`() {
        let bench = Bench()
        bench.bus.lineClosed("a")
        bench.bus.lineClosed("b")
        #expect(bench.count { if case .line(.closed(let reason)) = $0 { reason == "a" } else { false } } == 1)
        #expect(bench.count { if case .line(.closed) = $0 { true } else { false } } == 1)
        bench.finish()
    }

    @Test func `R12 a line on which nothing answers is opened anew, after 1 min, 2 and 4`() {
        let bench = Bench()
        bench.warmUp()
        for _ in 0..<1500 {
            bench.ask(.holding(0))
            bench.run(.seconds(1))
        }
        let steps = zip(bench.line.reopenings.dropFirst(), bench.line.reopenings).map { ($0 - $1).components.seconds }
        #expect(bench.line.reopenings.first.map { $0 >= .start + .seconds(60) } ?? false)
        #expect((3...5).contains(bench.line.reopenings.count))
        #expect(zip(steps, [120, 240, 480, 960]).allSatisfy { $0 >= $1 }, "\(steps)")
        bench.finish()
    }

    @Test func `R12 a unit that does not exist, and a quiet minute, do not close the line to a good one`() {
        let bench = Bench()
        bench.line.respond = { $0.unit == 1 ? Unit.answering(after: .milliseconds(20))($0) : [] }
        bench.ask(.holding(0))
        bench.run(.seconds(5))
        for address in UInt16(0)..<8 {
            bench.ask(.holding(address), unit: 9, by: bench.other)
            bench.run(.seconds(3))
        }
        bench.run(.seconds(120))
        bench.ask(.holding(0), unit: 9, by: bench.other)
        let good = bench.ask(.holding(0))
        bench.run(.seconds(10))
        #expect(good.reply != nil && bench.line.reopenings.isEmpty)
        bench.finish()
    }

    @Test func `R12 a unit that answers keeps the line open, whatever the others do`() {
        let bench = Bench { $0.minPeriod = .zero }
        bench.line.respond = { $0.unit == 2 ? Unit.answering(after: .milliseconds(20))($0) : [] }
        for _ in 0..<200 {
            bench.ask(.holding(0))
            bench.ask(.holding(0), unit: 2, by: bench.other)
            bench.run(.seconds(1))
        }
        #expect(bench.line.reopenings.isEmpty)
        bench.finish()
    }
}
