/// A JSON value as it was written: the order of members is kept, and so is the text of numbers.
///
/// JSONDecoder keeps neither, and silently takes the last of two equal keys.
/// Source: RFC 8259.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As written, such as `-30` or `1.5e3`.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// No two members have the same key.
    case object([Member])

    /// A key of an object, and its value.
    package struct Member: Hashable, Sendable {
        package var key: String
        package var value: JSONValue

        /// The key is as people read it, without escapes.
        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// An integer that fits 64 bits, written without point and exponent.
    package var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// What a message calls it: a number or a short text itself, otherwise its kind.
    package var summary: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let text): text
        case .string(let text): text.count <= 40 ? text.debugDescription : "a text of \(text.count) characters"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue {
    /// Appends the value, indented by two spaces a level.
    package func append(to bytes: inout [UInt8], level: Int = 0) {
        switch self {
        case .null: bytes.append("null")
        case .bool(let flag): bytes.append(contentsOf: "\(flag)".utf8)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .string(let text): Self.append(quoted: text, to: &bytes)
        case .array(let values):
            Self.append(values, "[", "]", to: &bytes, level) { $0.append(to: &$1, level: level + 1) }
        case .object(let members):
            Self.append(members, "{", "}", to: &bytes, level) { member, bytes in
                Self.append(quoted: member.key, to: &bytes)
                bytes.append(": ")
                member.value.append(to: &bytes, level: level + 1)
            }
        }
    }

    private static func append(quoted text: String, to bytes: inout [UInt8]) {
        bytes.append("\"")
        bytes.appendEscaped(text)
        bytes.append("\"")
    }

    private static func append<Element>(
        _ elements: [Element], _ open: StaticString, _ close: StaticString, to bytes: inout [UInt8], _ level: Int,
        _ write: (Element, inout [UInt8]) -> Void
    ) {
        bytes.append(open)
        for (index, element) in elements.enumerated() {
            bytes.append(index == 0 ? "\n" : ",\n")
            bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * (level + 1)))
            write(element, &bytes)
        }
        if !elements.isEmpty {
            bytes.append("\n")
            bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
        }
        bytes.append(close)
    }
}
