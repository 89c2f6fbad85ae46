internal import Modbus

/// Finds the requests in what the dongle sent, by length and CRC alone: a second opinion beside the broker's scanner.
package enum GluedRequests {
    enum Part: Equatable {
        case request([UInt8])
        /// One byte that belongs to none.
        case noise
    }

    package static func all(in bytes: [UInt8]) -> [[UInt8]] {
        parts(of: bytes).compactMap { if case .request(let request) = $0 { request } else { nil } }
    }

    static func parts(of bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = length(of: Array(rest.prefix(11)))
            if let length, rest.count >= length, checksum(rest.prefix(length)) == 0 {
                parts.append(.request(Array(rest.prefix(length))))
                rest = rest.dropFirst(length)
            } else {
                parts.append(.noise)
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    /// The functions of the specification, Growatt's 0x20, and the one of unknown layout that the simulation uses.
    private static func length(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2 else { return nil }
        switch bytes[1] {
        case 0x01...0x06, 0x20: return 8
        case 0x0F, 0x10: return counted(bytes, at: 6)
        case 0x16: return 10
        case 0x17: return counted(bytes, at: 10)
        case StampingUnit.opaqueFunction.rawValue: return 6
        default: return nil
        }
    }

    private static func counted(_ bytes: [UInt8], at offset: Int) -> Int? {
        bytes.count > offset && bytes[offset] > 0 ? offset + 3 + Int(bytes[offset]) : nil
    }

    /// Bit by bit, as in the specification.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
        }
        return crc
    }
}
