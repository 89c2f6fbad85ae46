/// The names of flags as keys of a file, without any structure: `min-period: 1` for `lines: [{min-period: 1}]`.
///
/// So the first design of the file had it. They are accepted, and the operator is told where they belong.
extension SettingsLayer {
    /// Takes such keys out of a file.
    ///
    /// - Parameter tree: keeps what has its place.
    /// - Throws: ``YAMLError`` for a value that is none, and for a key whose place says something as well.
    init(takingOldKeysOf tree: inout YAMLNode, file: String) throws(YAMLError) {
        values = [:]
        let structure = tree.keeping { (entry: YAMLNode.Entry) in SettingKey(oldKey: entry) == nil }
        for entry in tree.entries {
            guard let key = SettingKey(oldKey: entry) else { continue }
            let reader = YAMLReader(entry.value, file: file, path: entry.key)
            if key.isSaid(in: structure) { throw reader.error("\(key.place) is there as well; expected one of them") }
            let origin = "\(file):\(entry.keyPlace.line): \(entry.key)"
            values[key] = try reader.texts(of: key).map { Value(text: $0, origin: origin) }
        }
        tree = structure
    }

    /// A line for each of such keys.
    var oldKeyNotices: [String] {
        SettingKey.allCases.compactMap { key in
            values[key]?.first.map {
                "\($0.origin) is the name of a flag, and still taken; in a file it is \(key.place)"
            }
        }
    }
}

extension SettingKey {
    /// nil: it is the name of no flag, or has this place in the structure as well.
    fileprivate init?(oldKey entry: YAMLNode.Entry) {
        guard let key = SettingKey(rawValue: entry.key) else { return nil }
        if GatewaySettings.fields.contains(where: { $0.key == entry.key }) {
            // `log` and `capture` are sections, and were files.
            guard [.log, .capture].contains(key), !entry.value.isEmpty, case .scalar = entry.value.content else {
                return nil
            }
        }
        self = key
    }

    private static let ofListeners: [SettingKey] = [
        .tcp, .tcpAlt, .sniff, .rtuTCP, .udp, .rtuUDP, .tls, .tlsCertificate, .tlsKey, .tlsClientCA, .pty,
    ]

    /// Whether a list may be given.
    private var takesSeveral: Bool {
        [.tcp, .rtuTCP, .udp, .rtuUDP, .tls, .pty, .writers, .allow, .deny, .profile].contains(self)
    }

    /// Whether the structure says the same, or of listeners anything: one with its own rules must not be replaced unseen.
    fileprivate func isSaid(in structure: YAMLNode) -> Bool {
        if Self.ofListeners.contains(self) { return structure[["listeners"]] != nil }
        return paths.contains { structure[$0.split(separator: ".").map(String.init)] != nil }
    }

    fileprivate func check(_ count: Int, _ reader: YAMLReader) throws(YAMLError) {
        if count == 0 { throw reader.error("has no value; expected one, or that it is not there") }
        if count > 1, !takesSeveral { throw reader.error("has \(count) values; expected one") }
    }

    /// Where it stands in a file.
    fileprivate var place: String {
        switch self {
        case .tcpAlt: "one more of listeners[].tcp"
        case .tcp, .sniff, .rtuTCP, .udp, .rtuUDP, .tls, .pty: "listeners[].\(rawValue)"
        case .tlsCertificate, .tlsKey, .tlsClientCA: "listeners[].\(rawValue.dropFirst("tls-".count))"
        case .mutate: "counter in lines[0].dataset.profiles"
        default: (paths.first ?? rawValue).replacing("lines.0", with: "lines[0]")
        }
    }
}

extension YAMLReader {
    fileprivate func texts(of key: SettingKey) throws(YAMLError) -> [String] {
        if case .mapping = node.content { throw refusal("a text, a number or a list of them") }
        let elements = try node.isEmpty ? [] : elementsOrOne()
        try key.check(elements.count, self)
        var texts: [String] = []
        for element in elements {
            guard case .scalar(let text, _) = element.node.content else { throw element.refusal("a text or a number") }
            texts.append(text)
        }
        return texts
    }
}
