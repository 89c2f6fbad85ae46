package import NIOCore

/// The TCP ADU: MBAP header and PDU, 8–260 bytes.
///
/// ```
/// | transaction 2 | protocol 2 (0) | length 2 (of what follows) | unit 1 | PDU 1–253 |
/// ```
/// Source: Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3.
package struct TCPFrame: Hashable, Sendable {
    /// Header and PDU at their longest.
    package static let maximumLength = 260
    private static let headerLength = 7

    /// Chosen by the client, returned with the reply.
    package let transaction: UInt16
    package let unit: UnitIdentifier
    package let pdu: PDU

    package init(transaction: UInt16, unit: UnitIdentifier, pdu: PDU) {
        self.transaction = transaction
        self.unit = unit
        self.pdu = pdu
    }

    /// Takes one frame from the front of the buffer; nil, and nothing taken, while it is not whole.
    ///
    /// - Throws: ``MBAPError`` if the header is no Modbus; the stream has no frame boundary from there on.
    package init?(_ buffer: inout ByteBuffer) throws(MBAPError) {
        let start = buffer.readerIndex
        guard let (transaction, protocolIdentifier, length) = Self.header(of: buffer, at: start) else { return nil }
        guard protocolIdentifier == 0 else { throw .protocolIdentifier(protocolIdentifier) }
        guard (2...254).contains(length) else { throw .length(length) }
        guard buffer.readableBytes >= 6 + Int(length),
            let unit = buffer.getInteger(at: start + 6, as: UInt8.self),
            let bytes = buffer.getBytes(at: start + Self.headerLength, length: Int(length) - 1)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: 6 + Int(length))
        self.init(transaction: transaction, unit: UnitIdentifier(rawValue: unit), pdu: PDU(counted: bytes))
    }

    private static func header(of buffer: ByteBuffer, at start: Int) -> (UInt16, UInt16, UInt16)? {
        guard let transaction = buffer.getInteger(at: start, as: UInt16.self),
            let protocolIdentifier = buffer.getInteger(at: start + 2, as: UInt16.self),
            let length = buffer.getInteger(at: start + 4, as: UInt16.self)
        else { return nil }
        return (transaction, protocolIdentifier, length)
    }

    /// The frame as it is sent.
    package var bytes: [UInt8] {
        let length = UInt16(pdu.bytes.count + 1)
        var bytes = [UInt8]()
        bytes.reserveCapacity(Self.headerLength + pdu.bytes.count)
        bytes += [
            UInt8(transaction >> 8), UInt8(truncatingIfNeeded: transaction), 0, 0,
            UInt8(length >> 8), UInt8(truncatingIfNeeded: length), unit.rawValue,
        ]
        bytes += pdu.bytes
        return bytes
    }
}

/// Why a TCP stream is not Modbus.
package enum MBAPError: Error, Hashable, Sendable {
    /// A protocol identifier other than 0.
    case protocolIdentifier(UInt16)
    /// A length outside 2–254.
    case length(UInt16)
}
