internal import Modbus
internal import Text

/// A frame in hexadecimal, with its CRC.
package func hex(_ pdu: [UInt8], unit: UInt8 = 1) throws -> String {
    var bytes: [UInt8] = []
    bytes.append(hex: RTUFrame(unit: UnitIdentifier(rawValue: unit), pdu: try PDU(pdu)).bytes)
    return String(decoding: bytes, as: UTF8.self)
}

/// Lines as the prototype wrote them; a reply's own `addr` and `count` are wrong, as they were there.
package enum Prototype {
    private static func time(_ milliseconds: Int) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let digits = { (number: Int, count: Int) in
            String(repeating: "0", count: count - String(number).count) + "\(number)"
        }
        return
            "2025-09-21T\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2)).\(digits(rest, 3))"
    }

    /// A REQ line.
    package static func request(_ pdu: [UInt8], unit: UInt8 = 1, at milliseconds: Int, by client: String = "SHINE")
        throws
        -> String
    {
        #"{"role": "REQ", "from_client": "\#(client)", "crc_ok": true, "hex": "\#(try hex(pdu, unit: unit))", "uid": \#(unit), "func": \#(pdu[0]), "len": 4, "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }

    /// A RSP line.
    package static func reply(_ pdu: [UInt8], unit: UInt8 = 1, at milliseconds: Int, to client: String = "SHINE") throws
        -> String
    {
        #"{"role": "RSP", "to_client": "\#(client)", "crc_ok": true, "hex": "\#(try hex(pdu, unit: unit))", "uid": \#(unit), "func": \#(pdu[0]), "len": 3, "addr": 7763, "count": 20044, "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }

    /// The RSP line of a request without a reply.
    package static func timeout(at milliseconds: Int, to client: String = "SHINE") -> String {
        #"{"role": "RSP", "to_client": "\#(client)", "crc_ok": false, "hex": "", "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }

    /// A DROP line.
    package static func drop(_ hex: String, at milliseconds: Int) -> String {
        #"{"role": "DROP", "from_client": "SHINE", "reason": "bad_crc", "hex": "\#(hex)", "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }
}

/// A read of holding registers.
package func readHolding(_ address: UInt16, _ quantity: UInt16) -> [UInt8] {
    PDU(read: .readHoldingRegisters, address: address, quantity: quantity).bytes
}

/// The reply to a read of holding registers.
package func holding(_ values: UInt16...) -> [UInt8] {
    PDU(registers: values, replyTo: .readHoldingRegisters).bytes
}
