import Broker
import Modbus
import Simulator
import Testing

/// R12: a link is told when something useful has come over it.
@Suite struct BusUseTests {
    private static let reply = RTUFrame(unit: 1, pdu: PDU(registers: [17, 4], replyTo: .readHoldingRegisters)).bytes
    private static let request = PDU(read: .readHoldingRegisters, address: 3, quantity: 2)

    /// How often the link has been told after each of the pieces.
    private func uses(_ pieces: [[UInt8]], asked: Bool = true) -> [Int] {
        let bench = Bench { $0.retries = 0 }
        if asked { bench.ask(Self.request) }
        // The shortest time between two exchanges is over, and the request is on the line.
        bench.run(.milliseconds(600))
        return pieces.map { piece in
            bench.run(.milliseconds(10))
            bench.bus.received(piece)
            return bench.line.uses
        }
    }

    @Test func `the reply to what was asked counts, in pieces and behind noise`() {
        let pieces = [[0xFF, 0xFB, 0x01] + Self.reply.prefix(4), Array(Self.reply.dropFirst(4)), Self.reply]
        #expect(uses(pieces) == [0, 1, 1])
    }

    @Test func `what nobody asked for, and what is no reply, counts for nothing`() {
        #expect(uses([Self.reply], asked: false) == [0])
        let other = RTUFrame(unit: 1, pdu: PDU(registers: [17], replyTo: .readHoldingRegisters)).bytes
        #expect(uses([other, Array("HTTP/1.1 400 Bad Request\r\n".utf8)]) == [0, 0])
    }

    @Test func `a reply that comes late counts, once`() {
        let bench = Bench { $0.retries = 0 }
        let asked = bench.ask(Self.request)
        bench.run(.milliseconds(1600))
        #expect(asked.error == .noReply)
        bench.bus.received(Self.reply)
        bench.bus.received(Self.reply)
        #expect(bench.line.uses == 1)
    }

    @Test func `it is told before the next request, which may find the port gone`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        for address in 0..<3 as Range<UInt16> { bench.ask(.holding(address)) }
        bench.run(.seconds(5))
        #expect(bench.line.usesAtTransmission == [0, 1, 2])
        #expect(bench.line.uses == 3)
    }

    @Test func `of a line that is lent, what comes behind the borrower's bytes counts, on each connection anew`() {
        let bench = Bench()
        bench.run(.seconds(1))
        bench.bus.lineClosed("hung up")
        bench.run(.seconds(1))
        bench.bus.lineOpened()
        bench.bus.lend { _ in }
        bench.run(.seconds(5))
        #expect(bench.bus.transmit(lent: [1, 2, 3]))
        bench.bus.received([4])
        #expect(bench.line.uses == 1)
        bench.run(.seconds(1))
        bench.bus.lineClosed("hung up")
        bench.run(.milliseconds(1))
        bench.bus.lineOpened()
        bench.bus.received(Array("Port already in use\r\n".utf8))
        #expect(bench.line.uses == 1, "the server says why it hangs up")
        bench.run(.seconds(1))
        #expect(bench.bus.transmit(lent: [1, 2, 3]))
        bench.bus.received([4])
        #expect(bench.line.uses == 2)
    }
}
