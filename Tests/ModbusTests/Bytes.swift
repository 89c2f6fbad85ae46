extension Array where Element == UInt8 {
    /// Bytes written as pairs of hexadecimal digits; everything that is no digit is skipped.
    init(hex: String) {
        let digits = hex.compactMap { $0.hexDigitValue }
        self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    var hex: String { map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined() }

    /// Parts of `size` bytes, the last one shorter.
    func chunks(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }

    /// Parts of 1–`longest` bytes.
    func chunks(upTo longest: Int, using generator: inout SplitMix64) -> [ArraySlice<UInt8>] {
        var chunks: [ArraySlice<UInt8>] = []
        var rest = self[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(generator.number(1...longest))
            chunks.append(chunk)
            rest = rest.dropFirst(chunk.count)
        }
        return chunks
    }

    /// All in one part, in parts of every size, and in every two parts.
    var allChunkings: [[ArraySlice<UInt8>]] {
        guard count > 0 else { return [] }
        return (1...count).map { chunks(of: $0) } + (1..<Swift.max(count, 2)).map { [self[..<$0], self[$0...]] }
    }
}

/// The checksum bit by bit, as the specification describes it.
enum ReferenceCRC {
    static func step(_ crc: UInt16, _ byte: UInt8) -> UInt16 {
        var crc = crc ^ UInt16(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
        return crc
    }

    static func checksum(of bytes: some Sequence<UInt8>) -> UInt16 { bytes.reduce(0xFFFF, step) }

    /// Whether a CRC-valid sequence of 4–256 bytes begins at one of these offsets.
    static func hasFrame(in bytes: [UInt8], at offsets: some Sequence<Int>) -> Bool {
        offsets.contains { offset in
            var crc: UInt16 = 0xFFFF
            for (index, byte) in bytes[offset...].prefix(256).enumerated() {
                crc = step(crc, byte)
                if index >= 3, crc == 0 { return true }
            }
            return false
        }
    }
}
