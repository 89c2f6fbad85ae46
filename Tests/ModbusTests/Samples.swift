import Modbus
import Testing

/// A request and what a unit answers to it, mostly the examples of the specification.
struct Sample: CustomTestStringConvertible, Sendable {
    let name: String
    private let requestHex: String
    private let replyHex: String

    init(_ name: String, _ requestHex: String, _ replyHex: String) {
        (self.name, self.requestHex, self.replyHex) = (name, requestHex, replyHex)
    }

    static let reads = [
        Sample("read coils", "01 0013 0013", "01 03 cd6b05"),
        Sample("read discrete inputs", "02 00c4 0016", "02 03 acdb35"),
        Sample("read holding registers", "03 006b 0003", "03 06 022b00000064"),
        Sample("read input registers", "04 0008 0001", "04 02 000a"),
        Sample("read the meter block", "20 0000 0002", "20 04 00010002"),
    ]
    static let writes = [
        Sample("write single coil", "05 00ac ff00", "05 00ac ff00"),
        Sample("write single register", "06 0001 0003", "06 0001 0003"),
        Sample("write multiple coils", "0f 0013 000a 02 cd01", "0f 0013 000a"),
        Sample("write multiple registers", "10 0001 0002 04 000a0102", "10 0001 0002"),
        Sample("mask write register", "16 0004 00f2 0025", "16 0004 00f2 0025"),
        Sample(
            "read/write multiple registers", "17 0003 0006 000e 0003 06 00ff00ff00ff",
            "17 0c 00fe0acd00010003000d00ff"),
    ]
    /// Every function of known layout.
    static let known = reads + writes
    static let opaque = Sample("read device identification", "2b 0e 01 00", "2b 0e 01 01 00 00 01 00 03 414243")

    var testDescription: String { name }
    var request: PDU { get throws { try PDU([UInt8](hex: requestHex)) } }
    var reply: PDU { get throws { try PDU([UInt8](hex: replyHex)) } }

    func requestFrame(unit: UnitIdentifier = 1) throws -> RTUFrame { RTUFrame(unit: unit, pdu: try request) }
    func replyFrame(unit: UnitIdentifier = 1) throws -> RTUFrame { RTUFrame(unit: unit, pdu: try reply) }
    func shape(unit: UnitIdentifier = 1) throws -> ReplyShape {
        ReplyShape(unit: unit, request: try request)
    }
}
