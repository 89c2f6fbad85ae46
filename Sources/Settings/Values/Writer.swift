package import Endpoints

/// Whose writes are executed at a network listener, by address.
package enum Writer: Hashable, Sendable {
    package enum Word: String, CaseIterable, Sendable {
        case any
        /// Programs on this machine.
        case loopback
        case none
    }

    case word(Word)
    case block(NetworkBlock)

    static let allowed = "any, loopback, none, or \(NetworkBlock.allowed)"

    /// Reads a word, or a block of addresses; nil: it is neither.
    init?(_ text: String) {
        if let word = Word(rawValue: text) {
            self = .word(word)
        } else if let block = NetworkBlock(text) {
            self = .block(block)
        } else {
            return nil
        }
    }

    /// The addresses.
    package var blocks: [NetworkBlock] {
        switch self {
        case .word(.any): ["0.0.0.0/0", "::/0"].compactMap { NetworkBlock($0) }
        case .word(.loopback): ["127.0.0.0/8", "::1"].compactMap { NetworkBlock($0) }
        case .word(.none): []
        case .block(let block): [block]
        }
    }

    /// Whether it leaves nothing to say for others in the same list.
    fileprivate var standsAlone: Bool { self == .word(.any) || self == .word(.none) }
}

extension Writer: CustomStringConvertible {
    package var description: String {
        switch self {
        case .word(let word): word.rawValue
        case .block(let block): block.description
        }
    }
}

extension ValueKind<Writer> {
    private static let words = Writer.Word.allCases.map(\.rawValue)

    static let writer = Self(
        allowed: Writer.allowed,
        schema: .anyOf([.words(words), ValueKind<NetworkBlock>.network.schema]),
        read: { Writer($0) }, text: { $0.description },
        meant: { NetworkBlock.meant($0)?.description ?? SpellingGuess.of($0, among: words) })
}

extension SettingField {
    /// A list that says something: without elements it could be meant as nobody, and as nobody in particular.
    static func writers(_ path: Path<[Writer]>, _ summary: String) -> Self {
        let list = list("writers", path, ValueKind<Writer>.writer, summary)
        return Self(
            key: list.key, summary: summary, schema: list.schema,
            read: { (root, reader) throws(YAMLError) in
                if reader.node.isEmpty || reader.node.content == .sequence([]) {
                    throw reader.error("nobody is named; expected \(Writer.allowed)")
                }
                try list.read(&root, reader)
                let writers = root[keyPath: path]
                if writers.count > 1, let word = writers.first(where: \.standsAlone) {
                    throw reader.error("\(word) stands alone, or not at all")
                }
            },
            written: { root in
                let writers = root[keyPath: path]
                guard writers.count == 1, let writer = writers.first else {
                    return writers.isEmpty ? nil : list.written(root)
                }
                return YAMLNode(default: "\(writer)")
            }, isRefusedEmpty: true)
    }
}
