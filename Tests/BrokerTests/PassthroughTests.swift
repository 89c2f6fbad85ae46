import Broker
import Modbus
import Simulator
import Testing

/// Bytes between the dongle and the line, and what comes before and after them.
@Suite struct PassthroughTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `every byte arrives unchanged, at once and in order, and is logged`(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let bench = PassthroughBench()
        bench.start()
        var (up, down) = ([UInt8](), [UInt8]())
        for _ in 0..<300 {
            let bytes = (0...Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if random.chance(0.5) {
                bench.dongle(sends: bytes)
                up += bytes
            } else {
                bench.inverter(sends: bytes)
                down += bytes
            }
            #expect(bench.atInverter.count == up.count, "seed \(seed)")
            #expect(bench.atDongle.count == down.count, "seed \(seed)")
            bench.run(.milliseconds(Int.random(in: 0...200, using: &random)))
        }
        #expect(bench.atInverter == up, "seed \(seed)")
        #expect(bench.atDongle == down, "seed \(seed)")
        #expect(bench.logged(fromLine: false) == up, "seed \(seed)")
        #expect(bench.logged(fromLine: true) == down, "seed \(seed)")
        #expect(bench.passthrough.status.figures.fromClient == up.count)
        #expect(bench.passthrough.status.figures.fromLine == down.count)
    }

    @Test func `what has come of a request when it begins goes on in front`() {
        let bench = PassthroughBench()
        bench.bench.warmUp()
        bench.dongle(sends: [1, 3, 0])
        bench.passthrough.start(for: .seconds(60))
        bench.dongle(sends: [0, 0, 1, 0x84, 0x0A])
        #expect(bench.atInverter == [1, 3, 0, 0, 0, 1, 0x84, 0x0A])
    }

    @Test func `the answer to what the dongle asked before it began is not given to it`() {
        let bench = PassthroughBench()
        bench.bench.warmUp()
        bench.bench.line.respond = Unit.answering(after: .milliseconds(200))
        bench.dongle(sends: RTUFrame(unit: 1, pdu: .write(0, 1)).bytes)
        bench.run(.milliseconds(50))
        bench.passthrough.start(for: .seconds(60))
        #expect(bench.passthrough.status.phase == .waiting)
        bench.run(.seconds(1))
        #expect(bench.passthrough.status.phase == .joined)
        let answer = bench.atDongle
        bench.inverter(sends: [7])
        #expect(bench.atDongle == answer + [7])
    }

    @Test func `without traffic it ends when its time is over, not before`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        let start = bench.now
        bench.run(.seconds(59))
        #expect(bench.isOn)
        bench.run(.seconds(10))
        #expect(bench.end?.reason == .time)
        #expect(bench.end?.instant == start + .seconds(60))
        #expect(bench.timesEnded == 1)
    }

    @Test func `without traffic it ends by command at once, also before it has begun`() {
        for isWaiting in [false, true] {
            let bench = PassthroughBench()
            bench.bench.warmUp()
            if isWaiting { bench.bench.ask(.holding(0)) }
            bench.passthrough.start(for: .seconds(600))
            bench.passthrough.end()
            #expect(bench.end?.reason == .command)
            bench.run(.seconds(700))
            #expect(bench.timesEnded == 1)
        }
    }

    @Test func `asked again, it goes on for that long from then, also if it was told to end`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        bench.run(.seconds(50))
        bench.dongle(sends: [0xFF])
        bench.passthrough.end()
        #expect(bench.passthrough.status.phase == .ending)
        bench.passthrough.prolong(for: .seconds(3600))
        bench.run(.seconds(3599))
        #expect(bench.isOn)
        bench.run(.seconds(2))
        #expect(!bench.isOn)
    }

    @Test func `the end of the broker ends it at once`() {
        let bench = PassthroughBench()
        bench.start()
        bench.dongle(sends: [0xFF])
        bench.passthrough.stop()
        #expect(bench.end?.reason == .stopping)
        #expect(bench.timesEnded == 1)
    }

    @Test func `afterwards the dongle is a client as before, and so are all others`() {
        let bench = PassthroughBench()
        bench.start(for: .seconds(60))
        bench.run(.seconds(61))
        bench.bench.line.respond = Unit.answering(after: .milliseconds(20))
        let asked = bench.bench.ask(.holding(3))
        bench.dongle(sends: RTUFrame(unit: 1, pdu: .holding(0)).bytes)
        bench.run(.seconds(5))
        #expect(asked.reply != nil)
        #expect(bench.atDongle == Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0))).bytes)
        bench.bench.finish()
    }

    @Test func `R6 directly behind the bytes of a passthrough a write is not executed, behind a silence it is`() {
        for isSilent in [false, true] {
            let bench = PassthroughBench()
            bench.start()
            bench.dongle(sends: RTUFrame(unit: 1, pdu: .input(0)).bytes)
            bench.passthrough.end()
            #expect(!bench.isOn)
            bench.bench.line.respond = Unit.answering(after: .milliseconds(20))
            if isSilent { bench.run(.seconds(1)) }
            bench.dongle(sends: RTUFrame(unit: 1, pdu: .write(5, 6)).bytes)
            bench.run(.seconds(5))
            #expect(bench.bench.line.sent.contains(.write(5, 6)) == isSilent)
            bench.bench.finish()
        }
    }

    @Test func `bytes for a port that is not there are lost, counted and told, and it goes on`() {
        let bench = PassthroughBench()
        bench.start()
        bench.bench.bus.lineClosed("unplugged")
        bench.dongle(sends: [1, 2, 3])
        bench.bench.bus.lineOpened()
        bench.session.portClosed()
        bench.inverter(sends: [4, 5])
        bench.session.portOpened(isPseudoTerminal: false)
        #expect(bench.lost == [1, 2, 3, 4, 5])
        #expect(bench.passthrough.status.figures.lost == 5)
        bench.dongle(sends: [6])
        bench.inverter(sends: [7])
        #expect(bench.atInverter == [6])
        #expect(bench.atDongle == [7])
        #expect(bench.isOn)
    }
}
