extension [UInt8] {
    /// The text in UTF-8.
    package mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// The inside of a JSON string: quotation mark, backslash and the control characters are escaped, those too that JSON
    /// allows and a terminal obeys.
    package mutating func appendEscaped(_ text: String) {
        // Nearly all text is so.
        if text.utf8.allSatisfy({ $0 < 0x7F }) { return appendEscaped(text.utf8) }
        for scalar in text.unicodeScalars {
            if scalar.value > 0x7E, scalar.isControl {
                append("\\u")
                append(hex: [UInt8(truncatingIfNeeded: scalar.value >> 8), UInt8(truncatingIfNeeded: scalar.value)])
            } else {
                appendEscaped(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    private mutating func appendEscaped(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            case ..<0x20:
                append("\\u00")
                append(hex: CollectionOfOne(byte))
            default: append(byte)
            }
        }
    }

    /// Two lower-case digits for each byte.
    package mutating func append(hex bytes: some Sequence<UInt8>) {
        for byte in bytes {
            append(Self.hexDigit(byte >> 4))
            append(Self.hexDigit(byte & 0x0F))
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &- 10 &+ nibble
    }

    /// The decimal digits of the number, behind a minus sign if it is negative.
    package mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digits: number.magnitude, atLeast: 1)
    }

    /// With leading zeros up to `count` digits.
    package mutating func append(digits number: UInt, atLeast count: Int) {
        let start = self.count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || self.count - start < count
        self[start...].reverse()
    }

    /// 36800 becomes `36.8`: one to three decimals. Less than 0 becomes `0.0`.
    package mutating func append(thousandths number: Int) {
        let (whole, fraction) = UInt(Swift.max(0, number)).quotientAndRemainder(dividingBy: 1000)
        append(digits: whole, atLeast: 1)
        append(UInt8(ascii: "."))
        append(digits: fraction, atLeast: 3)
        for _ in 0..<2 where last == UInt8(ascii: "0") { removeLast() }
    }

    /// 1500000 becomes `1.500000`.
    package mutating func append(millionths number: Int64) {
        let (whole, fraction) = number.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digits: UInt(whole), atLeast: 1)
        append(UInt8(ascii: "."))
        append(digits: UInt(fraction), atLeast: 6)
    }
}
