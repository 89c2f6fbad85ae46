/// Reads one JSON value: strict, bounded in depth, and with the place of what is wrong.
///
/// Source: RFC 8259.
package struct JSONReader {
    /// Lists and objects within each other.
    private static let deepest = 64

    private let bytes: [UInt8]
    private var position = 0

    /// Reads a text that is one value and nothing else.
    ///
    /// - Throws: ``JSONError`` for what is no JSON, and for a key that an object has twice.
    package static func value(of bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.next == nil else { throw reader.failure("expected nothing behind the value") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let next, next == 0x20 || (0x09...0x0A).contains(next) || next == 0x0D { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        guard depth <= Self.deepest else {
            throw failure("more than \(Self.deepest) lists and objects within each other")
        }
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try text())
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return .number(try number())
        default: return try word()
        }
    }

    private mutating func members(depth: Int) throws(JSONError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        position += 1
        skipSpace()
        if take("}") { return [] }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("expected a key in quotation marks") }
            let start = position
            let key = try text()
            guard keys.insert(key).inserted else {
                throw failure("key \(key.debugDescription) is there twice", at: start)
            }
            skipSpace()
            guard take(":") else { throw failure("expected : behind a key") }
            members.append(.init(key, try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure("expected , or }") }
        return members
    }

    private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
        var values: [JSONValue] = []
        position += 1
        skipSpace()
        if take("]") { return [] }
        repeat {
            values.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("expected , or ]") }
        return values
    }

    private mutating func word() throws(JSONError) -> JSONValue {
        let words: [(String, JSONValue)] = [("true", .bool(true)), ("false", .bool(false)), ("null", .null)]
        for (word, value) in words where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        throw failure("expected a value")
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let next, Self.isDigit(next) { position += 1 }
        guard position > start else { throw failure("expected a digit") }
    }
}

extension JSONReader {
    private mutating func text() throws(JSONError) -> String {
        let start = position
        var content: [UInt8] = []
        position += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw failure("a control character in a text") }
            position += 1
            if byte == UInt8(ascii: "\\") { content.append(contentsOf: try escape()) } else { content.append(byte) }
        }
        guard take("\"") else { throw failure("the text has no end", at: start) }
        guard let text = String(validating: content, as: UTF8.self) else { throw failure("no UTF-8", at: start) }
        return text
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        let characters: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        ]
        guard !take("u") else { return try unicode() }
        guard let next, let character = characters[next] else { throw failure("unknown escape in a text") }
        position += 1
        return [character]
    }

    /// The four digits behind `\u`, and those of the second half of a pair.
    private mutating func unicode() throws(JSONError) -> [UInt8] {
        var units = [try codeUnit()]
        if UTF16.isLeadSurrogate(units[0]), take("\\") {
            guard take("u") else { throw failure("half a pair of \\u escapes") }
            units.append(try codeUnit())
        }
        guard let text = String(validating: units, as: UTF16.self) else { throw failure("half a pair of \\u escapes") }
        return Array(text.utf8)
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("expected four hexadecimal digits") }
        position += 4
        return unit
    }

    private func failure(_ reason: String, at place: Int? = nil) -> JSONError {
        let before = bytes[..<(place ?? position)]
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONError(
            line: 1 + before.count { $0 == 0x0A }, column: 1 + before.count - lineStart, reason: reason)
    }
}

/// Where a text is no JSON, and why.
package struct JSONError: Error, Hashable, Sendable {
    /// From 1.
    package let line: Int
    /// From 1, in bytes.
    package let column: Int
    package let reason: String
}
