internal import Text

/// What a value may be, as a JSON Schema (draft 2020-12) tells it to editors.
indirect enum JSONSchema: Hashable, Sendable {
    case text(pattern: String? = nil)
    case integer(ClosedRange<Int>)
    /// 0 or more; its range is told in words.
    case number
    case boolean
    case words([String])
    case anyOf([JSONSchema])
    case list(JSONSchema)
    /// A mapping with these keys only.
    case mapping([Property])
    /// A mapping with any keys.
    case table(JSONSchema)

    struct Property: Hashable, Sendable {
        let key: String
        let summary: String
        let schema: JSONSchema
    }

    /// The whole schema, with its head; ends with a line feed.
    func document(title: String) -> String {
        let head = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema".quoted), ("title", title.quoted),
        ]
        return object(head + members, depth: 0) + "\n"
    }

    private func text(depth: Int, summary: String) -> String {
        object([("description", summary.quoted)] + members(depth: depth), depth: depth)
    }

    private var members: [(String, String)] { members(depth: 0) }

    private func members(depth: Int) -> [(String, String)] {
        switch self {
        case .text(let pattern): [("type", "string".quoted)] + (pattern.map { [("pattern", $0.quoted)] } ?? [])
        case .integer(let range):
            [("type", "integer".quoted), ("minimum", "\(range.lowerBound)"), ("maximum", "\(range.upperBound)")]
        case .number: [("type", "number".quoted), ("minimum", "0")]
        case .boolean: [("type", "boolean".quoted)]
        case .words(let words):
            // An editor takes 45 for a number, although it is meant as a word.
            [("enum", array(words.map(\.quoted) + words.filter { Int(digits: $0) != nil }, depth: depth))]
        case .anyOf(let schemas): [("anyOf", array(schemas.map { $0.element(depth: depth) }, depth: depth))]
        case .list(let schema):
            [("type", "array".quoted), ("items", schema.object(schema.members(depth: depth + 1), depth: depth + 1))]
        case .mapping(let properties):
            [
                ("type", "object".quoted), ("additionalProperties", "false"),
                (
                    "properties",
                    object(
                        properties.map { ($0.key, $0.schema.text(depth: depth + 2, summary: $0.summary)) },
                        depth: depth + 1)
                ),
            ]
        case .table(let schema):
            [
                ("type", "object".quoted),
                ("additionalProperties", schema.object(schema.members(depth: depth + 1), depth: depth + 1)),
            ]
        }
    }

    private func element(depth: Int) -> String { object(members(depth: depth + 2), depth: depth + 2) }

    private func object(_ members: [(String, String)], depth: Int) -> String {
        let indent = String(repeating: "  ", count: depth + 1)
        return "{\n" + members.map { "\(indent)\($0.0.quoted): \($0.1)" }.joined(separator: ",\n")
            + "\n\(indent.dropLast(2))}"
    }

    private func array(_ elements: [String], depth: Int) -> String {
        let indent = String(repeating: "  ", count: depth + 2)
        return "[\n" + elements.map { indent + $0 }.joined(separator: ",\n") + "\n\(indent.dropLast(2))]"
    }
}

extension String {
    /// As a JSON text; for our own words, which have no control characters.
    fileprivate var quoted: String {
        "\"" + replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
