/// The serial ADU: unit identifier, PDU, CRC. 4–256 bytes.
///
/// ```
/// | unit 1 | function 1 | data 0–252 | CRC low 1 | CRC high 1 |
/// ```
/// Source: Modbus over Serial Line V1.02, section 2.3.
package struct RTUFrame: Hashable, Sendable {
    package static let minimumLength = 4
    package static let maximumLength = 256

    package let unit: UnitIdentifier
    package let pdu: PDU

    package init(unit: UnitIdentifier, pdu: PDU) {
        self.unit = unit
        self.pdu = pdu
    }

    /// Opens a whole frame; nil unless it has 4–256 bytes and its CRC is right.
    package init?(_ bytes: some Collection<UInt8>) {
        guard Self.isIntact(bytes), let unit = bytes.first else { return nil }
        self.unit = UnitIdentifier(rawValue: unit)
        pdu = PDU(counted: Array(bytes.dropFirst().dropLast(2)))
    }

    /// Whether the bytes have the length of a frame and end with their CRC.
    package static func isIntact(_ bytes: some Collection<UInt8>) -> Bool {
        (minimumLength...maximumLength).contains(bytes.count) && CRC16.checksum(of: bytes) == 0
    }

    /// The frame as it is sent.
    package var bytes: [UInt8] {
        var bytes = [UInt8]()
        write(to: &bytes)
        return bytes
    }

    /// Puts the frame as it is sent in the place of what a buffer holds; its storage is used unless others hold it too.
    package func write(to buffer: inout [UInt8]) {
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(pdu.bytes.count + 3)
        buffer.append(unit.rawValue)
        buffer.append(contentsOf: pdu.bytes)
        let crc = CRC16.checksum(of: buffer)
        buffer.append(UInt8(truncatingIfNeeded: crc))
        buffer.append(UInt8(truncatingIfNeeded: crc >> 8))
    }
}
