/// Bytes written as two hexadecimal digits each.
enum HexDigits {
    /// - Returns: whether the text is nothing but pairs of digits.
    static func decode(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]?) -> Bool {
        guard text.count.isMultiple(of: 2) else { return false }
        var isValid = true
        let decoded = [UInt8](unsafeUninitializedCapacity: text.count / 2) { memory, count in
            for index in 0..<text.count / 2 {
                let (high, low) = (text[2 &* index], text[2 &* index &+ 1])
                isValid = isValid && isDigit(high) && isDigit(low)
                memory[index] = value(high) << 4 | value(low)
            }
            count = text.count / 2
        }
        bytes = decoded
        return isValid
    }

    /// The low four bits of a digit are its value; a letter's are 9 too few, and only letters have bit 6.
    @inline(__always)
    private static func value(_ digit: UInt8) -> UInt8 { (digit & 0x0F) &+ (digit >> 6) &* 9 }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
}
