@testable import Broker
import Modbus
import Simulator
import Testing

/// Sessions and the bus together: what a client gets of what happens on the line.
@Suite struct SessionsOnBusTests {
    private let bench = Bench()

    private func tcpSession(_ replies: Replies) -> TCPClientSession {
        let settings = ClientSettings.usual
        return TCPClientSession(
            client: Client(kind: .tcp, name: "TCP:a:1", address: "a"), path: DirectPath(to: bench.bus),
            settings: settings,
            timeline: bench.timeline, observe: { _ in },
            send: { [timeline = bench.timeline] in replies.all.append((timeline.now, $0)) })
    }

    private final class Replies {
        var all: [(instant: Instant, frame: TCPFrame)] = []
        var pdus: [PDU] { all.map(\.frame.pdu) }
    }

    @Test func `R10 a TCP client of a dead unit is told 0x0B after the retry`() {
        let replies = Replies()
        let session = tcpSession(replies)
        bench.warmUp(unit: 2)
        session.received(TCPFrame(transaction: 1, unit: 1, pdu: .holding(0)), arrived: bench.now)
        bench.run(.seconds(5))
        #expect(replies.pdus == [.raw(0x83, 0x0B)])
        #expect(bench.line.transmissions.count == 2)
    }

    @Test func `R10 a TCP client of an unplugged line is told 0x0A at once`() {
        let replies = Replies()
        let session = tcpSession(replies)
        bench.bus.lineClosed("unplugged")
        session.received(TCPFrame(transaction: 1, unit: 1, pdu: .holding(0)), arrived: bench.now)
        #expect(replies.pdus == [.raw(0x83, 0x0A)])
    }

    @Test func `R10 a TCP client of a bus that stops is told 0x0A`() {
        let replies = Replies()
        let session = tcpSession(replies)
        bench.bus.stop {}
        session.received(TCPFrame(transaction: 1, unit: 1, pdu: .write(0, 1)), arrived: bench.now)
        #expect(replies.pdus == [.raw(0x86, 0x0A)])
    }

    @Test func `R8 whatever the line does, everything is answered 4·7 s after its arrival at the latest`() {
        let replies = Replies()
        let session = tcpSession(replies)
        let start = bench.now
        for number in 0..<16 {
            let pdu: PDU = number % 4 == 0 ? .write(UInt16(number), 1) : .holding(UInt16(number))
            session.received(TCPFrame(transaction: UInt16(number), unit: 1, pdu: pdu), arrived: start)
        }
        bench.run(.seconds(10))
        #expect(replies.all.count == 16)
        #expect(replies.all.allSatisfy { $0.instant <= start + .milliseconds(4700) })
        #expect(replies.pdus.allSatisfy { [0x06, 0x0B].contains($0.exceptionCode?.rawValue) })
    }

    @Test func `R8 the queued write of a closed connection is never sent`() {
        let replies = Replies()
        let session = tcpSession(replies)
        bench.warmUp()
        session.received(TCPFrame(transaction: 1, unit: 1, pdu: .holding(0)), arrived: bench.now)
        session.received(TCPFrame(transaction: 2, unit: 1, pdu: .write(0, 1)), arrived: bench.now)
        bench.run(.milliseconds(10))
        session.close()
        bench.run(.seconds(10))
        #expect(bench.line.sent == [.holding(0)])
        #expect(replies.all.isEmpty)
        #expect(session.outstanding == 0)
    }

    @Test func `R5 a queued write of the dongle is sent once, in its turn, although it has moved on`() {
        bench.warmUp()
        let serial = SerialBench(bench.timeline, path: DirectPath(to: bench.bus))
        bench.line.respond = Unit.answering(after: .milliseconds(300))
        bench.ask(.holding(9))
        bench.run(.milliseconds(10))
        serial.ask(.write(0, 1))
        bench.run(.milliseconds(10))
        serial.ask(.input(0))
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.holding(9), .write(0, 1), .input(0)])
        #expect(serial.heard == [.raw(4, 2, 0x12, 0x34)])
        serial.expectEachEndedOnce()
        bench.finish()
    }

    @Test func `R5 the dongle's superseded read is not sent any more`() {
        bench.warmUp()
        let serial = SerialBench(bench.timeline, path: DirectPath(to: bench.bus))
        bench.line.respond = Unit.answering(after: .milliseconds(300))
        bench.ask(.holding(9))
        bench.run(.milliseconds(10))
        serial.ask(.holding(0))
        bench.run(.milliseconds(10))
        serial.ask(.input(0))
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.holding(9), .input(0)])
        serial.expectEachEndedOnce()
        bench.finish()
    }

    @Test func `R5 a read on the line runs to its end for nobody, and the newest is answered`() {
        bench.warmUp()
        let serial = SerialBench(bench.timeline, path: DirectPath(to: bench.bus))
        bench.line.respond = Unit.inTurn(
            Unit.answering(after: .milliseconds(300), value: 0xDEAD), Unit.answering(after: .milliseconds(30), value: 1)
        )
        serial.ask(.holding(0))
        bench.run(.milliseconds(100))
        serial.ask(.holding(1))
        bench.run(.seconds(5))
        #expect(bench.line.sent == [.holding(0), .holding(1)])
        #expect(serial.heard == [.raw(3, 2, 0, 1)])
        serial.expectEachEndedOnce()
        bench.finish()
    }

    @Test func `R4 the dongle is never given a late reply of the request before`() {
        bench.warmUp()
        let serial = SerialBench(bench.timeline, path: DirectPath(to: bench.bus))
        bench.line.respond = Unit.inTurn(
            { [(.milliseconds(1000), Unit.reply(to: $0, value: 0xDEAD).bytes)] },
            Unit.answering(after: .milliseconds(30), value: 1))
        serial.ask(.holding(0))
        bench.run(.milliseconds(200))
        serial.ask(.holding(1))
        bench.run(.seconds(5))
        #expect(serial.heard == [.raw(3, 2, 0, 1)])
        #expect(bench.discarded(.late).count == 1)
        bench.finish()
    }

    @Test func `R13 the serial client goes before a crowd of TCP clients`() {
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(30))
        for number in 0..<20 { bench.ask(.input(UInt16(number))) }
        bench.run(.milliseconds(10))
        bench.ask(.holding(7), by: bench.shine)
        bench.run(.seconds(1))
        #expect(bench.line.sent.prefix(2) == [.input(0), .holding(7)])
        bench.finish()
    }
}
