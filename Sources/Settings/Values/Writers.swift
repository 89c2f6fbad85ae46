/// Whose writes are executed at a network listener, by address.
package enum Writers: Hashable, Sendable {
    case any
    /// Programs on this machine.
    case loopback
    case none
    case block(NetworkBlock)

    static let allowed = "any, loopback, none, or \(NetworkBlock.allowed)"

    /// Reads a word, or a block of addresses; nil: it is neither.
    init?(_ text: String) {
        switch text {
        case "any": self = .any
        case "loopback": self = .loopback
        case "none": self = .none
        default:
            guard let block = NetworkBlock(text) else { return nil }
            self = .block(block)
        }
    }

    /// The addresses.
    package var blocks: [NetworkBlock] {
        switch self {
        case .any: ["0.0.0.0/0", "::/0"].compactMap { NetworkBlock($0) }
        case .loopback: ["127.0.0.0/8", "::1"].compactMap { NetworkBlock($0) }
        case .none: []
        case .block(let block): [block]
        }
    }
}

extension Writers: CustomStringConvertible {
    package var description: String {
        switch self {
        case .any: "any"
        case .loopback: "loopback"
        case .none: "none"
        case .block(let block): block.description
        }
    }
}

extension ValueKind<Writers> {
    static let writers = Self(
        allowed: Writers.allowed,
        schema: .anyOf([.words(["any", "loopback", "none"]), ValueKind<NetworkBlock>.network.schema]),
        read: { Writers($0) }, text: { $0.description },
        meant: { NetworkBlock.meant($0)?.description ?? SpellingGuess.of($0, among: ["any", "loopback", "none"]) })
}

extension SettingField {
    /// A list that says something: one without elements could be meant as nobody, and as nobody in particular.
    static func writers(_ key: String, _ path: Path<[Writers]>, _ summary: String) -> Self {
        let field = list(key, path, .writers, summary)
        return Self(
            key: key, summary: summary, schema: field.schema,
            read: { (root, reader) throws(YAMLError) in
                try field.read(&root, reader)
                if root[keyPath: path].isEmpty { throw reader.error("nobody is named; expected \(Writers.allowed)") }
            },
            written: { $0[keyPath: path].isEmpty ? nil : field.written($0) })
    }
}
