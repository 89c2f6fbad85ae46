internal import Text

extension YAMLNode {
    /// What a value that nobody set comes from.
    static let defaultOrigin = "default"

    private static let nowhere = Place(line: 1, column: 1)

    private static let nothing = YAMLNode(
        content: .scalar("", isPlain: true), place: nowhere, origin: defaultOrigin)

    /// A value that nobody set.
    init(default text: String) {
        self.init(text: text, origin: Self.defaultOrigin)
    }

    /// A list that nobody set.
    init(defaults elements: [YAMLNode]) {
        self.init(content: .sequence(elements), place: Self.nowhere, origin: Self.defaultOrigin)
    }

    /// A mapping that nobody set.
    init(_ entries: [Entry]) {
        self.init(content: .mapping(entries), place: Self.nowhere, origin: Self.defaultOrigin)
    }

    /// A text that is no word of YAML, whatever it looks like.
    init(text: String, origin: String) {
        self.init(content: .scalar(text, isPlain: false), place: Self.nowhere, origin: origin)
    }

    var isDefault: Bool { origin == Self.defaultOrigin }

    var entries: [Entry] {
        guard case .mapping(let entries) = content else { return [] }
        return entries
    }

    var elements: [YAMLNode] {
        guard case .sequence(let elements) = content else { return [] }
        return elements
    }

    /// What is at a path of keys, where a number names the element of a list; nil: nothing.
    subscript(path: some Collection<String>) -> YAMLNode? {
        guard let step = path.first else { return self }
        let next: YAMLNode? =
            if let index = Int(digits: step), case .sequence(let elements) = content {
                elements.indices.contains(index) ? elements[index] : nil
            } else {
                entries.first { $0.key == step }?.value
            }
        return next?[path.dropFirst()]
    }

    /// With another value at a path; mappings and lists on the way are made. What is in the way and neither, stays: the
    /// reader will refuse it.
    func setting(_ path: some Collection<String>, to value: YAMLNode) -> YAMLNode {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        if let index = Int(digits: step) {
            guard isEmpty || !elements.isEmpty || content == .sequence([]) else { return self }
            var elements = elements
            while elements.count <= index { elements.append(Self.nothing) }
            elements[index] = elements[index].setting(rest, to: value)
            return replacing(.sequence(elements))
        }
        guard isEmpty || isMapping else { return self }
        var entries = entries
        if let index = entries.firstIndex(where: { $0.key == step }) {
            let entry = entries[index]
            entries[index] = Entry(
                key: step, keyPlace: entry.keyPlace, value: entry.value.setting(rest, to: value))
        } else {
            entries.append(Entry(step, Self.nothing.setting(rest, to: value)))
        }
        return replacing(.mapping(entries))
    }

    /// Without the entries and elements that do not pass, at this level.
    func keeping(entries isKept: (Entry) -> Bool) -> YAMLNode {
        isMapping ? replacing(.mapping(entries.filter(isKept))) : self
    }

    func keeping(elements isKept: (YAMLNode) -> Bool) -> YAMLNode {
        guard case .sequence(let elements) = content else { return self }
        return replacing(.sequence(elements.filter(isKept)))
    }

    var isSequence: Bool {
        guard case .sequence = content else { return false }
        return true
    }

    private var isMapping: Bool {
        guard case .mapping = content else { return false }
        return true
    }

    private func replacing(_ content: Content) -> YAMLNode {
        YAMLNode(content: content, place: place, origin: origin)
    }
}

extension YAMLNode.Entry {
    init(_ key: String, _ value: YAMLNode) {
        self.init(key: key, keyPlace: value.place, value: value)
    }
}
