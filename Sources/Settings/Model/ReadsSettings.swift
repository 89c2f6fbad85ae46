/// The registers that clients may read; other reads get 0x02, without an exchange.
package struct ReadsSettings: Hashable, Sendable {
    /// Clients may read only within these; default empty: all that ``refuse`` does not name.
    package var allow: [ReadRule] = []
    /// Beats ``allow``.
    package var refuse: [ReadRule] = []

    package init() {}

    fileprivate static let fields: [SettingField<ReadsSettings>] = [
        .list("allow", \.allow, .allowedRead, "The only registers that may be read, such as input:0-249; default all")
            .written { !$0.allow.isEmpty },
        .list(
            "refuse", \.refuse, .refusedRead,
            "Registers that may not be read, such as input:30000-65535; goes before allow"
        )
        .written { !$0.refuse.isEmpty },
    ]
}

extension ReadsSettings: CustomStringConvertible {
    /// In words, such as `all but off-grid` or `only input:0-249`.
    package var description: String {
        let allowed = allow.isEmpty ? "all" : "only " + allow.map(\.description).joined(separator: " ")
        return refuse.isEmpty ? allowed : "\(allowed) but \(refuse.map(\.description).joined(separator: " "))"
    }
}

extension ReadsSettings {
    /// What was probably meant by a list: the preset in it, or that its rules are refused.
    fileprivate static func meant(by elements: [YAMLNode]) -> String? {
        let texts = elements.compactMap { if case .scalar(let text, _) = $0.content { text } else { nil } }
        let rules = texts.compactMap { ReadRule($0) }
        guard !rules.isEmpty, rules.count == elements.count else { return nil }
        if rules.count == 1, ReadRule.Preset(rawValue: texts[0]) != nil { return "reads: \(texts[0])" }
        return "reads: {refuse: [\(texts.joined(separator: ", "))]}"
    }
}

extension SettingField {
    /// A preset alone, or `allow` and `refuse`. Never empty: an empty value could mean all, or none.
    static func reads(_ path: Path<ReadsSettings?>, _ summary: String) -> Self {
        let presets = ReadRule.Preset.allCases.map(\.rawValue)
        let nothing = "names nothing; expected \(ReadRule.presets), or allow and refuse with blocks such as input:0-249"
        return Self(
            key: "reads", summary: summary,
            schema: .anyOf([.words(presets), .mapping(ReadsSettings.fields.properties())]),
            read: { (root, reader) throws(YAMLError) in
                guard !reader.node.isEmpty else { throw reader.error(nothing) }
                var reads = ReadsSettings()
                let allowed = "\(ReadRule.presets), or a mapping such as {refuse: [input:30000-65535]}"
                switch reader.node.content {
                case .scalar(let text, _):
                    guard let preset = ReadRule.Preset(rawValue: text) else {
                        throw reader.refusal(allowed, meant: SpellingGuess.of(text, among: presets))
                    }
                    reads.refuse = [ReadRule(preset)]
                case .sequence(let elements): throw reader.refusal(allowed, meant: ReadsSettings.meant(by: elements))
                case .mapping:
                    try reader.read(ReadsSettings.fields, into: &reads)
                    let empty = reader.node.entries.first { $0.value.content == .sequence([]) }
                    if let empty {
                        throw reader.at([empty.key]).error("names nothing; expected a block, or no such key")
                    }
                    guard reads != ReadsSettings() else { throw reader.error(nothing) }
                }
                root[keyPath: path] = reads
            },
            written: { root in
                guard let reads = root[keyPath: path] else { return nil }
                let preset = ReadRule.Preset.allCases.first { reads.refuse == [ReadRule($0)] && reads.allow.isEmpty }
                return preset.map { YAMLNode(default: $0.rawValue) }
                    ?? YAMLNode(ReadsSettings.fields.entries(of: reads))
            }, isRefusedEmpty: true)
    }
}
