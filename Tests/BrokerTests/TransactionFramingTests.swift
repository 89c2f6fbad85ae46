import Broker
import Modbus
import Testing

struct TransactionFramingTests {
    private var framing = TransactionFraming()

    private static func read(_ address: UInt16, _ quantity: UInt16 = 1, unit: UnitIdentifier = 1) -> [UInt8] {
        let pdu = PDU(read: .readHoldingRegisters, address: address, quantity: quantity)
        return RTUFrame(unit: unit, pdu: pdu).bytes
    }

    private static func reply(
        to transaction: UInt16, _ registers: [UInt16] = [7], unit: UnitIdentifier = 1,
        function: FunctionCode = .readHoldingRegisters
    ) -> TCPFrame {
        TCPFrame(transaction: transaction, unit: unit, pdu: PDU(registers: registers, replyTo: function))
    }

    private static func bytes(_ frame: TCPFrame) -> [UInt8] { RTUFrame(unit: frame.unit, pdu: frame.pdu).bytes }

    @Test mutating func `a request goes out under a new identifier, and its reply comes back as from a line`() {
        let first = framing.request(Self.read(10))
        #expect(first.pdu == PDU(read: .readHoldingRegisters, address: 10, quantity: 1))
        let reply = Self.reply(to: first.transaction)
        #expect(framing.received(reply) == .reply(Self.bytes(reply)))
        #expect(framing.request(Self.read(10)).transaction != first.transaction)
    }

    @Test mutating func `R4 a late reply is known by its identifier, also to an identical request`() {
        let first = framing.request(Self.read(10))
        let second = framing.request(Self.read(10))
        let late = Self.reply(to: first.transaction, [1])
        #expect(framing.received(late) == .late(Self.bytes(late)))
        let right = Self.reply(to: second.transaction, [2])
        #expect(framing.received(right) == .reply(Self.bytes(right)))
        #expect(framing.received(right) == .late(Self.bytes(right)))
    }

    @Test mutating func `R4 a late reply is one to a number that was sent, also soon after the start`() {
        let first = framing.request(Self.read(10))
        _ = framing.request(Self.read(11))
        for number in [first.transaction &- 1, first.transaction &- 1000, first.transaction &+ 2] {
            let foreign = Self.reply(to: number)
            #expect(framing.received(foreign) == .foreign(Self.bytes(foreign)))
        }
        let late = Self.reply(to: first.transaction)
        #expect(framing.received(late) == .late(Self.bytes(late)))
    }

    @Test mutating func `R3 a reply of another unit, function or length is none, and the right one is still taken`() {
        let transaction = framing.request(Self.read(10)).transaction
        let wrong = [
            Self.reply(to: transaction, unit: 2), Self.reply(to: transaction, [1, 2]),
            Self.reply(to: transaction, function: .readInputRegisters), Self.reply(to: transaction &+ 1),
        ]
        for frame in wrong { #expect(framing.received(frame) == .foreign(Self.bytes(frame))) }
        let right = Self.reply(to: transaction)
        #expect(framing.received(right) == .reply(Self.bytes(right)))
    }

    @Test mutating func `R3 without identifiers the reply is what fits, and all else is the bus's to judge`() {
        framing = TransactionFraming(ignoresIdentifiers: true)
        let early = Self.reply(to: 0)
        #expect(framing.received(early) == .unnumbered(Self.bytes(early)))
        for number: UInt16 in [0, 0xFFFF, 7] {
            let request = framing.request(Self.read(10))
            #expect(request.transaction != 0)
            let wrong = [
                Self.reply(to: number, unit: 2), Self.reply(to: number, [1, 2]),
                Self.reply(to: request.transaction, function: .readInputRegisters),
            ]
            for frame in wrong { #expect(framing.received(frame) == .unnumbered(Self.bytes(frame))) }
            let right = Self.reply(to: number)
            #expect(framing.received(right) == .reply(Self.bytes(right)))
            #expect(framing.received(right) == .unnumbered(Self.bytes(right)))
        }
    }

    @Test mutating func `an exception is a reply, and so is what any unit says to unit 0`() {
        var transaction = framing.request(Self.read(10)).transaction
        let pdu = PDU(exception: .illegalDataAddress, to: .readHoldingRegisters)
        let exception = TCPFrame(transaction: transaction, unit: 1, pdu: pdu)
        #expect(framing.received(exception) == .reply(Self.bytes(exception)))
        transaction = framing.request(Self.read(10, unit: 0)).transaction
        let reply = Self.reply(to: transaction, unit: 5)
        #expect(framing.received(reply) == .reply(Self.bytes(reply)))
    }

    @Test mutating func `before anything is asked, and for identifiers long past, a reply is foreign`() {
        let frame = Self.reply(to: 40_000)
        #expect(framing.received(frame) == .foreign(Self.bytes(frame)))
        for _ in 0..<70_000 { _ = framing.request(Self.read(1)) }
        #expect(framing.received(frame) == .foreign(Self.bytes(frame)))
    }
}
