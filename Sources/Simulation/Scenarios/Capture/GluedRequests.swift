/// Finds the requests in what the dongle sent, by length and CRC alone: a second opinion beside the broker's scanner.
///
/// It knows the functions of the capture only: 0x03, 0x04, 0x06 and 0x20 with 8 bytes, 0x10 with its byte count.
package enum GluedRequests {
    package static func all(in bytes: [UInt8]) -> [[UInt8]] {
        var requests: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count >= 8 {
            let length = length(of: rest)
            if let length, rest.count >= length, checksum(rest.prefix(length)) == 0 {
                requests.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            } else {
                rest = rest.dropFirst()
            }
        }
        return requests
    }

    private static func length(of bytes: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(bytes.prefix(7))
        guard bytes[0] <= 247 else { return nil }
        switch bytes[1] {
        case 0x03, 0x04, 0x06, 0x20: return 8
        case 0x10: return 9 + Int(bytes[6])
        default: return nil
        }
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
