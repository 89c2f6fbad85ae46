extension SettingsLayer {
    /// The variables of the first prototype, which its Docker set-ups have.
    static let prototypeVariables: [(variable: String, key: SettingKey)] = [
        ("INV_DEV", .inverter), ("SHINE_DEV", .shine), ("BAUD", .baud), ("BYTES", .bytes), ("INV_BAUD", .inverterBaud),
        ("INV_BYTES", .inverterBytes), ("SHINE_BAUD", .shineBaud), ("SHINE_BYTES", .shineBytes), ("TCP_BIND", .tcp),
        ("TCP_ALT_BIND", .tcpAlt), ("SNIFF_BIND", .sniff), ("MIN_PERIOD", .minPeriod), ("RTIMEOUT", .responseTimeout),
        ("LOG_PATH", .log),
    ]

    /// What the variables set; an empty one sets nothing, because that is how Docker Compose hands on what is not there.
    /// `GROWATT_BROKER_…` beats the prototype's name.
    ///
    /// - Throws: ``YAMLError`` for a mode that is none.
    init(environment: [String: String]) throws(YAMLError) {
        values = [:]
        for (variable, key) in Self.prototypeVariables + SettingKey.allCases.map({ ($0.variable, $0) }) {
            guard let text = environment[variable], !text.isEmpty else { continue }
            let texts = key.isList ? text.split(separator: ",").map(String.init) : [text]
            values[key] = texts.map { Value(text: $0, origin: variable) }
        }
        try Self.checkRestrictions(environment)
        let name = Self.modeVariable
        if let text = environment[name], !text.isEmpty {
            mode = try YAMLReader(YAMLNode(text: text, origin: name), file: name).value(ValueKind<SourceMode>.word)
        }
    }

    static let modeVariable = "GROWATT_BROKER_MODE"
    static let fileVariable = "GROWATT_BROKER_CONFIG"

    /// Of later versions of the prototype: they forbid writes by its first and second listener, which none of our settings
    /// does in just that way. Passed over, they would leave open what was closed.
    private static let restrictions = ["PROD_TCP_WRITES", "DEV_TCP_WRITES"]

    /// - Throws: ``YAMLError`` for a variable that would restrict writes, and is not known here.
    private static func checkRestrictions(_ environment: [String: String]) throws(YAMLError) {
        var faults = YAMLFaults()
        for name in restrictions {
            guard let text = environment[name], !text.isEmpty, text != "enabled" else { continue }
            faults.note(
                YAMLError(
                    file: "\(name) \(text.debugDescription)", place: nil,
                    reason: "the prototype's limit on writes is not known here; instead of it set "
                        + "GROWATT_BROKER_WRITERS=none (or loopback, or addresses of clients), and remove it"))
        }
        try faults.check()
    }

    /// A line for each variable that looks like a setting and is none.
    static func unknownVariables(_ environment: [String: String]) -> [String] {
        let known = SettingKey.allCases.map(\.variable) + [modeVariable, fileVariable, "GROWATT_BROKER_DATA"]
        return environment.keys.sorted().filter { $0.hasPrefix("GROWATT_BROKER_") && !known.contains($0) }.map { name in
            let meant = SpellingGuess.of(name, among: known).map { "; did you mean \($0)?" } ?? ""
            return "\(name) is no setting, and not used\(meant)"
        }
    }
}

extension SettingKey {
    /// What its values are called in errors, wherever they come from.
    var origins: [String] {
        [flag, variable] + SettingsLayer.prototypeVariables.filter { $0.key == self }.map(\.variable)
    }

    /// Whether commas separate several values.
    fileprivate var isList: Bool { [.pty, .profile].contains(self) }
}
