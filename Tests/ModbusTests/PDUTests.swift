import Modbus
import Testing

@Suite struct PDUTests {
    @Test(arguments: [1, 2, 252, 253])
    func `a PDU has 1–253 bytes`(length: Int) throws {
        #expect(try PDU(Array(repeating: 3, count: length)).bytes.count == length)
    }

    @Test(arguments: [0, 254, 255, 256, 1000])
    func `more or fewer bytes are no PDU`(length: Int) {
        #expect(throws: PDUError.length(length)) { try PDU(Array(repeating: 3, count: length)) }
        #expect(PDUError.length(length).exceptionCode == .illegalDataValue)
    }

    @Test func `an exception reply has the high bit set and carries its code`() {
        let pdu = PDU(exception: .gatewayTargetFailedToRespond, to: .readInputRegisters)
        #expect(pdu.bytes == [0x84, 0x0B])
        #expect(pdu.exceptionCode == .gatewayTargetFailedToRespond)
        #expect(pdu.function.withoutExceptionBit == .readInputRegisters)
        #expect(FunctionCode.readInputRegisters.exception == pdu.function)
    }

    @Test(arguments: [[0x83], [0x83, 2, 0], [0x03, 2]] as [[UInt8]])
    func `only two bytes with the high bit set are an exception`(bytes: [UInt8]) throws {
        #expect(try PDU(bytes).exceptionCode == nil)
    }

    @Test func `a word is big-endian, and nil beyond the end`() throws {
        let pdu = try PDU([0x03, 0x12, 0x34, 0x56])
        #expect(pdu.word(at: 0) == 0x0312)
        #expect(pdu.word(at: 1) == 0x1234)
        #expect(pdu.word(at: 2) == 0x3456)
        for offset in [-1, 3, 4, 100] { #expect(pdu.word(at: offset) == nil) }
    }

    @Test func `requests are built as the specification lays them out`() {
        #expect(PDU(read: .readHoldingRegisters, address: 0x006B, quantity: 3).bytes == [0x03, 0, 0x6B, 0, 3])
        #expect(PDU(write: .writeSingleCoil, address: 0x00AC, value: 0xFF00).bytes == [0x05, 0, 0xAC, 0xFF, 0])
    }

    @Test(arguments: Sample.writes.dropLast())
    func `a write is acknowledged by its first fields`(sample: Sample) throws {
        #expect(try sample.request.acknowledgement == sample.reply)
    }

    @Test(arguments: Sample.reads + Sample.writes.suffix(1) + [.opaque])
    func `what answers with data has no acknowledgement`(sample: Sample) throws {
        #expect(try sample.request.acknowledgement == nil)
    }

    @Test(arguments: Sample.writes.dropLast())
    func `a write that is too short has no acknowledgement`(sample: Sample) throws {
        let acknowledgement = try sample.reply.bytes.count
        for length in 1..<acknowledgement {
            #expect(try PDU(Array(sample.request.bytes.prefix(length))).acknowledgement == nil)
        }
    }

    @Test func `codes are described for a reader`() {
        #expect(FunctionCode.readHoldingRegisters.description == "0x03")
        #expect(FunctionCode(rawValue: 0xAB).description == "0xAB")
        #expect(ExceptionCode.illegalDataValue.description == "illegal data value")
        #expect(ExceptionCode(rawValue: 0x63).description == "exception 99")
        #expect(UnitIdentifier(rawValue: 247).description == "247")
    }

    @Test func `only unit 0 is broadcast`() {
        let broadcast = (0...255).filter { UnitIdentifier(rawValue: UInt8($0)).isBroadcast }
        #expect(broadcast == [0])
        #expect(UnitIdentifier.broadcast < 1)
    }
}
