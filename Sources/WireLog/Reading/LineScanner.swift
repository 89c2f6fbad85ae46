internal import Glibc

/// Opens one line byte by byte: a JSON object whose interesting fields have the plain shapes that loggers write.
///
/// Escapes, exponents and other things that are allowed but never written make it give up, and ``JSONReader`` has to
/// read the line. It takes about a twentieth of the time.
struct LineScanner {
    enum Outcome {
        case fields
        /// No JSON object at all.
        case foreign
        /// It may be JSON, but not of the plain kind.
        case unusual
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    static func scan(
        _ bytes: UnsafeRawBufferPointer, _ words: RecordWords, _ clients: inout RecordedClients,
        into fields: inout RecordFields
    ) -> Outcome {
        var scanner = LineScanner(bytes)
        scanner.skipSpace()
        guard scanner.take("{") else { return .foreign }
        return scanner.members(words, &clients, &fields) ? .fields : .unusual
    }

    private mutating func members(
        _ words: RecordWords, _ clients: inout RecordedClients, _ fields: inout RecordFields
    ) -> Bool {
        skipSpace()
        if take("}") { return isAtEnd }
        repeat {
            skipSpace()
            guard let key = text() else { return false }
            skipSpace()
            guard take(":") else { return false }
            skipSpace()
            if let field = words.fields.word(key) {
                guard value(of: field, words, &clients, &fields) else { return false }
            } else {
                guard skipValue() else { return false }
            }
            skipSpace()
        } while take(",")
        return take("}") && isAtEnd
    }

    private var isAtEnd: Bool {
        bytes[position...].allSatisfy(Self.isSpace)
    }

    @inline(__always)
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position &+= 1
        return true
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count, Self.isSpace(bytes[position]) { position &+= 1 }
    }

    /// The inside of a string without an escaped quotation mark; nil if there is none.
    private mutating func text() -> UnsafeRawBufferPointer? {
        guard take("\""), let base = bytes.baseAddress,
            let quote = memchr(base + position, Int32(Self.quote), bytes.count - position)
        else { return nil }
        let end = base.distance(to: UnsafeRawPointer(quote))
        guard end == position || bytes[end - 1] != Self.backslash else { return nil }
        defer { position = end + 1 }
        return UnsafeRawBufferPointer(start: base + position, count: end - position)
    }

    /// A plain number in millionths; nil for any other text.
    static func millionths(_ text: UnsafeRawBufferPointer) -> Int64? {
        var scanner = LineScanner(text)
        return scanner.number().flatMap { scanner.position == text.count ? $0 : nil }
    }

    /// In millionths; further digits are cut off. Nil unless it is a plain number that fits.
    private mutating func number() -> Int64? {
        let isNegative = take("-")
        let start = position
        var result = Int64(0)
        func digit(_ position: Int) -> Int64? {
            guard position < bytes.count else { return nil }
            let digit = bytes[position] &- UInt8(ascii: "0")
            return digit < 10 ? Int64(digit) : nil
        }
        while let digit = digit(position), position - start < 12 {
            result = result * 10 + digit
            position += 1
        }
        guard position > start, digit(position) == nil else { return nil }
        result *= 1_000_000
        if take(".") {
            var weight = Int64(100_000)
            while let digit = digit(position) {
                result += digit * weight
                weight /= 10
                position += 1
            }
        }
        guard position == bytes.count || bytes[position] | 0x20 != UInt8(ascii: "e") else { return nil }
        return isNegative ? -result : result
    }

    /// Passes over any value.
    private mutating func skipValue() -> Bool {
        guard position < bytes.count else { return false }
        switch bytes[position] {
        case Self.quote: return text() != nil
        case UInt8(ascii: "{"), UInt8(ascii: "["): return false
        default:
            let start = position
            while position < bytes.count, !isEndOfWord(bytes[position]) { position &+= 1 }
            return position > start
        }
    }

    private func isEndOfWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || Self.isSpace(byte)
    }

    /// - Returns: whether the value has the shape that the field should have, or is `null`.
    private mutating func value(
        of field: WireLogField, _ words: RecordWords, _ clients: inout RecordedClients, _ fields: inout RecordFields
    ) -> Bool {
        guard position < bytes.count else { return false }
        switch bytes[position] {
        case Self.quote:
            guard let text = text() else { return false }
            return fields.set(field, text, words, &clients)
        case UInt8(ascii: "["): return (field == .registers || field == .values) && list(&fields)
        case UInt8(ascii: "n"): return skipValue()
        default:
            guard let number = number() else { return false }
            return fields.set(field, number)
        }
    }

    private mutating func list(_ fields: inout RecordFields) -> Bool {
        position += 1
        var registers: [UInt16] = []
        skipSpace()
        if !take("]") {
            repeat {
                skipSpace()
                guard let value: Int = RecordFields.integer(number()), (-32768...65535).contains(value) else {
                    return false
                }
                registers.append(UInt16(truncatingIfNeeded: value))
                skipSpace()
            } while take(",")
            guard take("]") else { return false }
        }
        fields.registers = registers
        return true
    }
}
