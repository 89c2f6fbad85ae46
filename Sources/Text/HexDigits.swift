/// Bytes written as two hexadecimal digits each.
package enum HexDigits {
    /// - Returns: whether the text is nothing but pairs of digits.
    package static func decode(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]?) -> Bool {
        guard text.count.isMultiple(of: 2) else { return false }
        var wrong = UInt64(0)
        var decoded = [UInt8](repeating: 0, count: text.count / 2)
        decoded.withUnsafeMutableBytes { memory in
            var index = 0
            // Eight digits at a time: hexadecimal is most of a log.
            while index &+ 8 <= text.count {
                let digits = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                wrong |= noDigits(digits)
                memory.storeBytes(of: packed(values(digits)).littleEndian, toByteOffset: index / 2, as: UInt32.self)
                index &+= 8
            }
            while index < text.count {
                let pair = UInt64(text[index]) | UInt64(text[index &+ 1]) &<< 8 | 0x3030_3030_3030_0000
                wrong |= noDigits(pair)
                memory[index / 2] = UInt8(truncatingIfNeeded: packed(values(pair)))
                index &+= 2
            }
        }
        bytes = wrong == 0 ? decoded : nil
        return wrong == 0
    }

    /// The low four bits of a digit are its value; a letter's are 9 too few, and of digits only letters have bit 6.
    @inline(__always)
    private static func values(_ digits: UInt64) -> UInt64 {
        let letters = digits &>> 6 & 0x0101_0101_0101_0101
        return (digits & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9
    }

    /// Eight values of four bits, the first one in the lowest byte, to four bytes.
    @inline(__always)
    private static func packed(_ values: UInt64) -> UInt32 {
        let bytes = (values &<< 4 | values &>> 8) & 0x00FF_00FF_00FF_00FF
        let words = (bytes | bytes &>> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: words | words &>> 16)
    }

    /// Not 0 if one of the eight bytes is none of 0–9, a–f and A–F.
    @inline(__always)
    private static func noDigits(_ bytes: UInt64) -> UInt64 {
        /// Sets the highest bit of each byte that is `limit` or more; one of 0x80 or more may spoil others.
        func reaching(_ limit: UInt64, _ bytes: UInt64) -> UInt64 {
            bytes &+ (0x80 &- limit) &* 0x0101_0101_0101_0101
        }
        let lowerCase = bytes | 0x2020_2020_2020_2020
        let numbers = reaching(0x30, bytes) & ~reaching(0x3A, bytes)
        let letters = reaching(0x61, lowerCase) & ~reaching(0x67, lowerCase)
        return (~(numbers | letters) | bytes) & 0x8080_8080_8080_8080
    }
}
