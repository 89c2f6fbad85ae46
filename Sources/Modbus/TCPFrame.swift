/// The TCP ADU: MBAP header and PDU, 8–260 bytes.
///
/// ```
/// | transaction 2 | protocol 2 (0) | length 2 (of what follows) | unit 1 | PDU 1–253 |
/// ```
/// Source: Modbus Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.3.
package struct TCPFrame: Hashable, Sendable {
    /// Header and PDU at their longest.
    package static let maximumLength = 260
    /// Transaction, protocol, length and unit.
    package static let headerLength = 7

    /// Chosen by the client, returned with the reply.
    package let transaction: UInt16
    package let unit: UnitIdentifier
    package let pdu: PDU

    package init(transaction: UInt16, unit: UnitIdentifier, pdu: PDU) {
        self.transaction = transaction
        self.unit = unit
        self.pdu = pdu
    }

    /// The bytes of a frame after the six of transaction, protocol and length: the unit and the PDU, 2–254.
    ///
    /// - Throws: ``MBAPError`` if the header is no Modbus; the stream has no frame boundary from there on.
    package static func rest(protocolIdentifier: UInt16, length: UInt16) throws(MBAPError) -> Int {
        guard protocolIdentifier == 0 else { throw .protocolIdentifier(protocolIdentifier) }
        guard (2...254).contains(length) else { throw .length(length) }
        return Int(length)
    }

    /// The frame as it is sent.
    package var bytes: [UInt8] {
        var bytes = [UInt8]()
        write(to: &bytes)
        return bytes
    }

    /// Puts the frame as it is sent in the place of what a buffer holds; its storage is used unless others hold it too.
    package func write(to buffer: inout [UInt8]) {
        let length = UInt16(pdu.bytes.count + 1)
        func append(_ word: UInt16) {
            buffer.append(UInt8(word >> 8))
            buffer.append(UInt8(truncatingIfNeeded: word))
        }
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(Self.headerLength + pdu.bytes.count)
        append(transaction)
        append(0)
        append(length)
        buffer.append(unit.rawValue)
        buffer += pdu.bytes
    }
}

/// Why a TCP stream is not Modbus.
package enum MBAPError: Error, Hashable, Sendable {
    /// A protocol identifier other than 0.
    case protocolIdentifier(UInt16)
    /// A length outside 2–254.
    case length(UInt16)
}
