import Broker
import Modbus
import Testing

/// R16 on the line: the own echo is never taken for a reply.
@Suite struct BusEchoTests {
    private func makeBench(echoes: Bool, forced: Bool = false) -> Bench {
        let bench = Bench { $0.localEcho = forced }
        bench.line.echoes = echoes
        return bench
    }

    private func detections(_ bench: Bench) -> Int {
        bench.count { if case .line(.echoDetected) = $0 { true } else { false } }
    }

    @Test(arguments: [true, false])
    func `R16 a forced echo is removed from the front of every reply`(isRead: Bool) {
        let bench = makeBench(echoes: true, forced: true)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let pdu: PDU = isRead ? .holding(0) : .write(0, 1)
        let asked = bench.ask(pdu)
        bench.run(.seconds(2))
        #expect(asked.reply == Unit.reply(to: RTUFrame(unit: 1, pdu: pdu)))
        #expect(bench.line.sent == [pdu])
        #expect(bench.discarded(.echo) == [RTUFrame(unit: 1, pdu: pdu).bytes])
        bench.finish()
    }

    @Test func `R16 a forced echo of a dead unit is no acknowledgement`() {
        let bench = makeBench(echoes: true, forced: true)
        let asked = bench.ask(.write(0, 1))
        bench.run(.seconds(3))
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test func `R16 the first read detects an echo, and is answered all the same`() {
        let bench = makeBench(echoes: true)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let read = bench.ask(.holding(0))
        bench.run(.seconds(2))
        let write = bench.ask(.write(0, 1))
        bench.run(.seconds(2))
        #expect(read.reply?.pdu == .raw(3, 2, 0x12, 0x34))
        #expect(write.reply?.pdu == .write(0, 1))
        #expect(detections(bench) == 1)
        #expect(bench.line.sent == [.holding(0), .write(0, 1)])
        bench.finish()
    }

    @Test func `R16 echo and reply may come in one piece`() {
        let bench = Bench()
        bench.line.respond = { [(.milliseconds(20), $0.bytes + Unit.reply(to: $0).bytes)] }
        let read = bench.ask(.holding(0))
        bench.run(.seconds(2))
        #expect(read.reply?.pdu == .raw(3, 2, 0x12, 0x34))
        #expect(detections(bench) == 1)
        bench.finish()
    }

    @Test(arguments: [PDU.write(7, 1), .raw(0x05, 0, 7, 0xFF, 0), .unknown])
    func `R16 before a first write, holding register 0 is read`(write: PDU) {
        let bench = makeBench(echoes: false)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let asked = bench.ask(write, unit: 3)
        bench.run(.seconds(3))
        #expect(bench.line.sent == [.holding(0), write])
        #expect(bench.line.transmissions.first?.frame?.unit == 3)
        #expect(asked.reply?.pdu == write)
        #expect(asked.exchange?.attempts == 1)
        #expect(bench.discarded(.echoProbe).count == 1)
        bench.finish()
    }

    @Test(arguments: [true, false])
    func `R16 the echo of what was sent before the setting changed is no reply`(isForced: Bool) {
        let bench = makeBench(echoes: true, forced: isForced)
        bench.line.respond = Unit.inTurn(Unit.answering(after: .milliseconds(20)))
        bench.ask(.holding(0))
        bench.run(.seconds(2))
        let asked = bench.ask(.write(7, 1))
        var settings = bench.settings
        settings.localEcho = !isForced
        bench.bus.apply(settings)
        bench.run(.seconds(3))
        #expect(bench.line.sent == [.holding(0), .write(7, 1)])
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test(arguments: [true, false])
    func `R16 an adapter that was said to echo and does not is known after the setting has changed`(isOnLine: Bool) {
        let bench = makeBench(echoes: false, forced: true)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let first = bench.ask(.write(7, 1))
        bench.run(isOnLine ? .milliseconds(510) : .seconds(3))
        var settings = bench.settings
        settings.localEcho = false
        bench.bus.apply(settings)
        bench.run(.seconds(3))
        let second = bench.ask(.write(7, 2))
        bench.run(.seconds(3))
        #expect(first.error == .noReply)
        #expect(second.reply?.pdu == .write(7, 2))
        #expect(bench.line.sent == [.write(7, 1), .holding(0), .write(7, 2)])
        #expect(detections(bench) == 0)
        bench.finish()
    }

    @Test func `R16 a reply without echo makes an echo that was known doubtful: the next write finds out`() {
        let bench = makeBench(echoes: true)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        bench.ask(.holding(0))
        bench.run(.seconds(2))
        bench.line.echoes = false
        bench.ask(.holding(1))
        bench.run(.seconds(2))
        let asked = bench.ask(.write(7, 1))
        bench.run(.seconds(3))
        #expect(bench.line.sent == [.holding(0), .holding(1), .holding(0), .write(7, 1)])
        #expect(asked.reply?.pdu == .write(7, 1))
        bench.finish()
    }

    @Test(arguments: [Duration.milliseconds(300), .seconds(3)])
    func `R16 a server that is there again at once has the same adapter`(pause: Duration) {
        let bench = Bench { $0.isBehindServer = true }
        bench.warmUp()
        bench.bus.lineClosed("closed by the server")
        bench.run(pause)
        bench.bus.lineOpened()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let asked = bench.ask(.write(7, 1))
        bench.run(.seconds(3))
        #expect(asked.reply?.pdu == .write(7, 1))
        #expect(bench.line.sent == (pause < .seconds(2) ? [.write(7, 1)] : [.holding(0), .write(7, 1)]))
        bench.finish()
    }

    @Test(arguments: [true, false])
    func `R16 a dead unit is never acknowledged, whether the adapter echoes or not`(echoes: Bool) {
        let bench = makeBench(echoes: echoes)
        let asked = [PDU.write(7, 1), .raw(0x05, 0, 7, 0xFF, 0), .write(7, 2)].map { bench.ask($0) }
        bench.run(.seconds(20))
        #expect(asked.allSatisfy { $0.error == .noReply })
        #expect(bench.line.sent == [.holding(0), .write(7, 1), .raw(0x05, 0, 7, 0xFF, 0), .write(7, 2)])
        #expect(bench.line.instants[1] >= bench.line.instants[0] + .milliseconds(8 + 900))
        bench.finish()
    }

    @Test func `R16 noise before the echo does not hide it`() {
        let bench = Bench()
        bench.line.respond = Unit.inTurn(
            { [(.zero, [0xFF] + $0.bytes)] }, { [(.zero, [0x00, 0xFE] + $0.bytes)] })
        let asked = bench.ask(.write(7, 1))
        bench.run(.seconds(10))
        #expect(asked.error == .noReply)
        #expect(bench.line.sent == [.holding(0), .write(7, 1)])
        #expect(detections(bench) == 1)
        bench.finish()
    }

    @Test func `R16 with an echo a second copy is the reply of the unit`() {
        let bench = makeBench(echoes: true)
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let asked = bench.ask(.write(7, 1))
        bench.run(.seconds(5))
        #expect(asked.reply?.pdu == .write(7, 1))
        #expect(bench.discarded(.echo).count == 2)
        bench.finish()
    }

    @Test func `R16 after a re-plug nothing is known any more`() {
        let bench = makeBench(echoes: false)
        bench.warmUp()
        bench.bus.lineClosed("unplugged")
        bench.bus.lineOpened()
        bench.line.echoes = true
        let asked = bench.ask(.write(7, 1))
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.holding(0), .write(7, 1)])
        #expect(asked.error == .noReply)
        bench.finish()
    }

    @Test func `R16 a broadcast needs no read before it`() {
        let bench = makeBench(echoes: true)
        bench.ask(.write(7, 1), unit: 0)
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.write(7, 1)])
        bench.finish()
    }

    @Test func `R16 a write that expires while its read is on the line is never sent`() throws {
        let bench = makeBench(echoes: false)
        let start = bench.now
        let asked = bench.ask(.write(7, 1), within: .milliseconds(1000))
        bench.run(.seconds(5))
        #expect(asked.error == .expired)
        #expect(try #require(asked.exchange).finished == start + .milliseconds(1000))
        #expect(bench.line.sent == [.holding(0)])
        bench.finish()
    }

    @Test func `R16 a write that is withdrawn while its read is on the line is never sent`() {
        let bench = makeBench(echoes: false)
        let asked = bench.ask(.write(7, 1))
        bench.run(.milliseconds(600))
        #expect(bench.line.sent == [.holding(0)])
        bench.bus.withdraw(asked.query)
        #expect(asked.error == .withdrawn)
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.holding(0)])
        bench.finish()
    }
}
