internal import Settings

/// Rules on one line: `loss 5%; late 2% by 1ms-400ms unit 1`.
enum FaultWords {
    /// The rules as a list of mappings, as a YAML file has them: each fault may be followed by a probability, and then by pairs
    /// of a key and a value.
    ///
    /// - Parameter name: what errors call the line.
    static func node(of text: String, name: String) throws(YAMLError) -> YAMLNode {
        var rules: [YAMLNode] = []
        var column = 1
        for rule in text.split(separator: ";", omittingEmptySubsequences: false) {
            let words = words(of: rule, from: column)
            if !words.isEmpty { rules.append(try mapping(words, name)) }
            column += rule.count + 1
        }
        return YAMLNode(content: .sequence(rules), place: .init(line: 1, column: 1))
    }

    private typealias Word = (text: String, place: YAMLNode.Place)

    private static func words(of rule: Substring, from column: Int) -> [Word] {
        rule.split(separator: " ").map { word in
            let offset = rule.distance(from: rule.startIndex, to: word.startIndex)
            return (String(word), .init(line: 1, column: column + offset))
        }
    }

    private static func mapping(_ words: [Word], _ name: String) throws(YAMLError) -> YAMLNode {
        var entries = [entry("fault", words[0].place, words[0])]
        var rest = words.dropFirst()
        if let word = rest.first, word.text.first?.isNumber ?? false {
            entries.append(entry("probability", word.place, word))
            rest = rest.dropFirst()
        }
        while let key = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw YAMLError(file: name, place: key.place, reason: "\(key.text) has no value behind it")
            }
            guard !entries.contains(where: { $0.key == key.text }) else {
                throw YAMLError(file: name, place: key.place, reason: "\(key.text) is there twice")
            }
            entries.append(entry(key.text, key.place, value))
        }
        return YAMLNode(content: .mapping(entries), place: words[0].place)
    }

    private static func entry(_ key: String, _ place: YAMLNode.Place, _ value: Word) -> YAMLNode.Entry {
        .init(key: key, keyPlace: place, value: .init(content: .scalar(value.text, isPlain: true), place: value.place))
    }
}
