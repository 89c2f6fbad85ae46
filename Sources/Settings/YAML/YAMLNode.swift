/// A YAML value with its place: the order of keys is kept, and no mapping has a key twice.
package struct YAMLNode: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// - Parameter isPlain: whether it is written without quotation marks, so that it may mean a number or nothing.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package struct Entry: Hashable, Sendable {
        package let key: String
        package let keyPlace: Place
        package let value: YAMLNode
    }

    /// Where something begins in its file; both from 1.
    package struct Place: Hashable, Sendable {
        package let line: Int
        package let column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    package let content: Content
    package let place: Place

    /// Whether it stands for nothing: `key:` without a value, `~` or `null`.
    package var isEmpty: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What a message calls it: a short text itself, otherwise its kind.
    var summary: String {
        switch content {
        case _ where isEmpty: "nothing"
        case .scalar(let text, _): text.count <= 40 ? text.debugDescription : "a text of \(text.count) characters"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// Why a YAML file cannot be used.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let place: YAMLNode.Place?
    /// The keys that lead there, such as `plant.pv.strings[1].peak`; nil: the file as a whole.
    package let path: String?
    /// What is wrong, and what is allowed.
    package let reason: String

    package init(file: String, place: YAMLNode.Place?, path: String? = nil, reason: String) {
        self.file = file
        self.place = place
        self.path = path
        self.reason = reason
    }

    /// One line: `file:line:column: path: reason`.
    package var description: String {
        let position = place.map { "\(file):\($0.line):\($0.column)" } ?? file
        return [position, path, reason].compactMap(\.self).joined(separator: ": ")
    }
}
