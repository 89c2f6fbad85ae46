/// What one place sets: the flags, or the variables of the environment.
struct SettingsLayer {
    /// A text and what it is called in an error, such as `--retries` or `INV_DEV`.
    struct Value {
        let text: String
        let origin: String

        var node: YAMLNode { YAMLNode(text: text, origin: origin) }
    }

    var values: [SettingKey: [Value]]
    /// What answers, if it is said by a word.
    var mode: SourceMode?

    /// What answers by this layer: by the word, else by what names it; nil: it says nothing about that.
    var source: SourceMode? {
        if let mode { return mode }
        let naming: [(SettingKey, SourceMode)] = [(.inverter, .live), (.dataset, .dataset), (.recording, .replay)]
        return naming.first { values[$0.0] != nil }?.1
    }

    /// - Throws: ``YAMLError`` for the first value without a meaning in the mode.
    func check(_ mode: SourceMode) throws(YAMLError) {
        if let value = foreign(mode).first.flatMap({ values[$0]?.first }) {
            throw YAMLError(file: value.origin, place: nil, reason: "has no meaning in mode \(mode.rawValue)")
        }
        if let value = values[.mutate]?.last { _ = try YAMLReader(value.node, file: "").value(ValueKind<Bool>.truth) }
    }

    /// Without what has no meaning in the mode.
    func keeping(_ mode: SourceMode) -> SettingsLayer {
        var layer = self
        for key in foreign(mode) { layer.values[key] = nil }
        return layer
    }

    private func foreign(_ mode: SourceMode) -> [SettingKey] {
        SettingKey.allCases.filter { values[$0] != nil && !$0.modes.contains(mode) }
    }

    /// The configuration with these values instead of its own.
    func applied(to tree: YAMLNode, mode: SourceMode) -> YAMLNode {
        // What holds for both ports comes before what holds for one, and the endpoint's URL after them.
        let order: [SettingKey] = [.baud, .bytes]
        let keys = order + SettingKey.allCases.filter { !order.contains($0) && $0 != .inverter && $0 != .shine }
        var tree = keys.reduce(tree) { $1.applied(values[$1] ?? [], to: $0, mode) }
        for key in [SettingKey.inverter, .shine] {
            if values[key] != nil, let path = key.paths.first {
                tree = tree.withoutPartsOfEndpoint(at: path.split(separator: ".").dropLast().map(String.init))
            }
            tree = key.applied(values[key] ?? [], to: tree, mode)
            guard values[key] != nil, let path = key.paths.first else { continue }
            tree = tree.resolvingEndpoint(at: path.split(separator: ".").dropLast().map(String.init))
        }
        return tree
    }
}

extension SettingKey {
    fileprivate func applied(_ values: [SettingsLayer.Value], to tree: YAMLNode, _ mode: SourceMode) -> YAMLNode {
        guard let last = values.last else { return tree }
        switch self {
        case .tcp:
            let other = SettingKey.tcpAlt.origins
            return tree.withListeners("tcp", values.addresses) { !other.contains($0) }
        case .tcpAlt:
            let own = origins
            return tree.withListeners("tcp", [last].addresses) { own.contains($0) }
        case .sniff: return tree.withListeners("sniff", [last].addresses) { _ in true }
        case .rtuTCP, .udp, .rtuUDP, .tls: return tree.withListeners(rawValue, values.addresses) { _ in true }
        case .pty:
            let terminals = values.isNone ? [] : values.map(\.node)
            let result = tree.withListeners(rawValue, terminals) { _ in true }
            // Units that are simulated behind it need not have the default address taken as well.
            return mode == .live || terminals.isEmpty ? result : result.withoutDefaultListener
        case .tlsCertificate, .tlsKey, .tlsClientCA: return tree
        case .writers, .allow, .deny:
            return tree.setting(["clients", rawValue], to: YAMLNode(defaults: values.separated))
        case .mutate:
            guard last.text == "true" else { return tree }
            let counter = YAMLNode(text: "counter", origin: last.origin)
            return tree.setting(Self.profiles, to: YAMLNode(defaults: (tree[Self.profiles]?.all ?? []) + [counter]))
        case .profile:
            return tree.setting(Self.profiles, to: YAMLNode(defaults: values.map(\.node)))
        default:
            return paths.reduce(tree) { tree, path in
                let steps = path.split(separator: ".").map(String.init)
                // The speed of simulated units is no line's, and the other way round.
                let isDatasets = steps.contains("dataset")
                if self == .baud, isDatasets != (mode == .dataset), steps.count != 4 || isDatasets { return tree }
                return tree.setting(steps, to: last.node)
            }
        }
    }

    private static let profiles = ["lines", "0", "dataset", "profiles"]
}

extension [SettingsLayer.Value] {
    /// One for each address, which may be separated by commas; none for `-` or `none`, which stand alone.
    fileprivate var addresses: [YAMLNode] {
        isNone ? [] : separated
    }

    fileprivate var isNone: Bool { count == 1 && allSatisfy { $0.text == "-" || $0.text.isNone } }

    /// One for each text between commas.
    fileprivate var separated: [YAMLNode] {
        flatMap { value in
            value.text.split(separator: ",", omittingEmptySubsequences: false).map {
                YAMLNode(text: $0.split(separator: " ").joined(separator: " "), origin: value.origin)
            }
        }
    }
}

extension YAMLNode {
    /// The elements of a list, or the value alone.
    fileprivate var all: [YAMLNode] {
        guard case .sequence(let elements) = content else { return isEmpty ? [] : [self] }
        return elements
    }

    /// With these listeners of a kind, in place of those whose origin is to be replaced.
    fileprivate func withListeners(
        _ kind: String, _ values: [YAMLNode], replacing isReplaced: (String) -> Bool
    ) -> YAMLNode {
        let listeners = self[["listeners"]] ?? YAMLNode(defaults: [])
        guard case .sequence(let elements) = listeners.content else { return self }
        let kept = elements.filter { $0[[kind]] == nil || !isReplaced($0[[kind]]?.origin ?? "") }
        let new = values.map { value in
            YAMLNode(
                content: .mapping([.init(kind, value)]), place: value.place, origin: value.origin)
        }
        let list = YAMLNode(content: .sequence(kept + new), place: listeners.place, origin: listeners.origin)
        return setting(["listeners"], to: list)
    }

    fileprivate var withoutDefaultListener: YAMLNode {
        guard let listeners = self[["listeners"]] else { return self }
        return setting(["listeners"], to: listeners.keeping { (element: YAMLNode) in !element.isDefault })
    }
}
