internal import Text

/// Reads one value of a YAML file, and knows where it stands: every error names file, line, column and keys.
package struct YAMLReader: Sendable {
    package let node: YAMLNode
    package let file: String
    /// The keys that lead here, such as `plant.pv.strings[1]`; empty: the whole file.
    package let path: String

    package init(_ node: YAMLNode, file: String, path: String = "") {
        self.node = node
        self.file = file
        self.path = path
    }

    /// An error at this value.
    package func error(_ reason: String) -> YAMLError {
        if let origin = node.origin { return YAMLError(file: origin, place: nil, reason: reason) }
        return YAMLError(file: file, place: node.place, path: path.isEmpty ? nil : path, reason: reason)
    }

    /// The error of a value that is none of the allowed ones.
    ///
    /// - Parameters:
    ///   - meant: what was probably meant.
    ///   - fault: what is wrong with the value, where `allowed` alone does not show it.
    package func refusal(_ allowed: String, meant: String? = nil, fault: String? = nil) -> YAMLError {
        let question = meant.map { "; did you mean \($0)?" } ?? ""
        guard let origin = node.origin, case .scalar(let text, _) = node.content else {
            let found = fault.map { "\(node.summary) \($0); expected \(allowed)" }
            return error("\(found ?? "expected \(allowed), not \(node.summary)")\(question)")
        }
        let reason = fault.map { "\($0); " } ?? ""
        return YAMLError(
            file: "\(origin) \(text.debugDescription)", place: nil, reason: "\(reason)expected \(allowed)\(question)")
    }

    /// The reader of what is at a path below this; of this, if nothing is there.
    func at(_ path: [String]) -> YAMLReader {
        guard let value = node[path] else { return self }
        var (text, parent) = (self.path, node)
        for step in path {
            // A key may be a number as well.
            text = parent.isSequence ? "\(text)[\(step)]" : text.isEmpty ? step : "\(text).\(step)"
            parent = parent[[step]] ?? parent
        }
        return YAMLReader(value, file: file, path: text)
    }

    /// The values of a mapping by key; nothing at all is an empty mapping.
    ///
    /// - Throws: ``YAMLError`` for a key that is not one of `keys`, with the one that was probably meant.
    package func fields(_ keys: [String]) throws(YAMLError) -> [String: YAMLReader] {
        let (fields, unknown) = try knownFields(keys)
        try unknown.check()
        return fields
    }

    /// The same, with the keys that are unknown beside it.
    func knownFields(_ keys: [String]) throws(YAMLError) -> (fields: [String: YAMLReader], unknown: YAMLFaults) {
        var unknown = YAMLFaults()
        if node.isEmpty { return ([:], unknown) }
        guard case .mapping(let entries) = node.content else {
            throw error("expected a mapping with \(keys.joined(separator: ", ")), not \(node.summary)")
        }
        var fields: [String: YAMLReader] = [:]
        for entry in entries {
            let path = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            guard keys.contains(entry.key) else {
                let meant = SpellingGuess.of(entry.key, among: keys).map { "did you mean \($0)? " } ?? ""
                unknown.note(
                    YAMLError(
                        file: file, place: entry.keyPlace, path: path,
                        reason: "unknown key; \(meant)expected \(keys.joined(separator: ", "))"))
                continue
            }
            fields[entry.key] = YAMLReader(entry.value, file: file, path: path)
        }
        return (fields, unknown)
    }

    /// The values of a mapping with any keys, in their order; nothing at all is an empty mapping.
    package func table() throws(YAMLError) -> [(key: String, value: YAMLReader)] {
        if node.isEmpty { return [] }
        guard case .mapping(let entries) = node.content else { throw error("expected a mapping, not \(node.summary)") }
        return entries.map { ($0.key, YAMLReader($0.value, file: file, path: "\(path).\($0.key)")) }
    }

    /// The values of a list; nothing at all is an empty list.
    package func elements() throws(YAMLError) -> [YAMLReader] {
        if node.isEmpty { return [] }
        guard case .sequence(let nodes) = node.content else { throw error("expected a list, not \(node.summary)") }
        return nodes.enumerated().map { YAMLReader($1, file: file, path: "\(path)[\($0)]") }
    }

    /// A text that is not empty.
    package func text() throws(YAMLError) -> String {
        guard case .scalar(let text, _) = node.content, !node.isEmpty, !text.isEmpty else {
            throw error("expected a text, not \(node.summary)")
        }
        return text
    }

    /// A text that `read` understands.
    ///
    /// - Parameter allowed: what an error says is expected.
    package func value<Value>(_ allowed: String, _ read: (String) -> Value?) throws(YAMLError) -> Value {
        guard case .scalar(let text, _) = node.content, let value = read(text) else { throw refusal(allowed) }
        return value
    }

    /// A finite number within the range, written plainly: `-3`, `0.25`, `1e3`.
    package func number(_ range: ClosedRange<Double>, _ unit: String = "") throws(YAMLError) -> Double {
        let bounds = [range.lowerBound, range.upperBound].map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
        let allowed = "a number from \(bounds[0]) to \(bounds[1])\(unit.isEmpty ? "" : " \(unit)")"
        return try value(allowed) { text in
            // Double reads also "nan", "inf" and hexadecimal numbers.
            guard text.utf8.allSatisfy({ "+-.0123456789eE".utf8.contains($0) }) else { return nil }
            return Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package func truth() throws(YAMLError) -> Bool {
        try value(ValueKind<Bool>.truth)
    }

    /// A duration within the range, whose bounds `words` tells.
    package func duration(_ range: ClosedRange<Duration>, _ words: String) throws(YAMLError) -> Duration {
        try value("\(words), in seconds (0.5) or with a unit (500ms, 2s, 1m, 1h)") { text in
            Duration(text: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}
