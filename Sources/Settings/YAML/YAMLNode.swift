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

        package init(key: String, keyPlace: Place, value: YAMLNode) {
            self.key = key
            self.keyPlace = keyPlace
            self.value = value
        }
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
    /// What gave the value if it is not the file, such as `--min-period`.
    package let origin: String?

    package init(content: Content, place: Place, origin: String? = nil) {
        self.content = content
        self.place = place
        self.origin = origin
    }

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
