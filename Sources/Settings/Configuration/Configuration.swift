internal import Endpoints
internal import Text

/// Where settings come from: flags beat variables of the environment, these the configuration file, and that the defaults.
package struct Configuration: Sendable {
    package let settings: GatewaySettings
    /// Lines for the operator: what was passed over.
    package let notices: [String]
    /// All that was set, each value with its origin.
    let tree: YAMLNode
    /// Which values do not fit together, each being right by itself; nil: they all do.
    let conflicts: YAMLError?
    /// The file that was read; empty: none.
    package let file: String

    /// Whether anything besides the defaults lets clients in: a listener, or a dongle.
    package var letsClientsIn: Bool {
        settings.line.dongle != nil || (tree[["listeners"]]?.elements ?? []).contains { !$0.isDefault }
    }

    /// Used if it is there, and neither flags nor variables name a line or what stands in for it.
    package static let defaultFile = "/etc/growatt-broker/config.yaml"

    /// What the layers above the file say.
    package struct Request: Sendable {
        package let flags: [SettingKey: [String]]
        var mode: SourceMode?
        var environment: [String: String]
        /// `--config`, else `GROWATT_BROKER_CONFIG`; nil: none was named.
        package let namedFile: String?

        /// - Parameters:
        ///   - flags: their texts; flags without a value have the text `true`.
        ///   - mode: `--mode`.
        ///   - file: `--config`.
        package init(
            flags: [SettingKey: [String]], mode: SourceMode? = nil, environment: [String: String] = [:],
            file: String? = nil
        ) {
            self.flags = flags.filter { !$0.value.isEmpty }
            self.mode = mode
            self.environment = environment
            let variable = environment[SettingsLayer.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
            namedFile = file ?? variable
        }

        /// Whether the default file is to be used if it is there.
        package var takesDefaultFile: Bool {
            guard namedFile == nil, let environment = try? SettingsLayer(environment: environment) else { return false }
            return flagLayer.source == nil && environment.source == nil
        }

        var flagLayer: SettingsLayer {
            SettingsLayer(
                values: Dictionary(
                    uniqueKeysWithValues: flags.map { key, texts in
                        (key, texts.map { SettingsLayer.Value(text: $0, origin: key.flag) })
                    }), mode: mode)
        }
    }

    /// - Parameters:
    ///   - name: what errors call the file.
    ///   - bytes: its content; nil: there is none.
    /// - Throws: ``YAMLError`` for what is wrong: every fault names the place, the value and what is allowed. What must fit
    ///   together is looked at once each value is right by itself.
    package init(_ request: Request, file name: String = "", bytes: [UInt8]? = nil) throws(YAMLError) {
        self = try Self(valuesOf: request, file: name, bytes: bytes)
        if let conflicts { throw conflicts }
    }

    /// Leaves it to ``ConfigurationFaults`` to tell what does not fit together, with what is wrong with the files.
    ///
    /// - Throws: ``YAMLError`` for values that are wrong by themselves.
    package init(valuesOf request: Request, file name: String = "", bytes: [UInt8]? = nil) throws(YAMLError) {
        let flags = request.flagLayer
        let environment = try SettingsLayer(environment: request.environment)
        var tree =
            try bytes.map { bytes throws(YAMLError) in try YAMLParser.node(of: bytes, file: name) }
            ?? YAMLNode([])
        try Self.checkVersion(of: tree, file: name)
        let old = try SettingsLayer(takingOldKeysOf: &tree, file: name)
        let written = Self.mode(of: tree) ?? old.source
        let mode = flags.source ?? environment.source ?? written ?? .live
        try flags.check(mode)
        // A stand-in that a flag names replaces the line of the file, and of the variables.
        if environment.source == mode || flags.source == nil { try environment.check(mode) }
        if written == nil || written == mode { try old.check(mode) }
        if let written, written != mode { tree = tree.withoutFirstLine }
        var faults = YAMLFaults()
        if bytes != nil { faults.attempt { () throws(YAMLError) in try Self.check(tree, file: name, mode) } }
        tree = tree.completed
        tree = old.keeping(mode).applied(to: tree, mode: mode)
        tree = environment.keeping(mode).applied(to: tree, mode: mode)
        tree = flags.applied(to: tree, mode: mode)
        tree = SettingsLayer.tlsFiles(of: [flags, environment, old], in: tree)
        self.tree = tree.withoutUnusedOfDevices.withStandIn(mode)
        file = name
        var settings = GatewaySettings()
        let reader = YAMLReader(self.tree, file: name)
        faults.attempt { () throws(YAMLError) in try reader.read(GatewaySettings.fields, into: &settings) }
        // Values that are wrong by themselves cannot be compared.
        try faults.check()
        faults.attempt { () throws(YAMLError) in try settings.finish(reader) }
        conflicts = faults.error
        self.settings = settings
        notices =
            old.oldKeyNotices + SettingsLayer.unknownVariables(request.environment)
            + SettingsLayer.unusedTLSFiles(of: [flags, environment], in: tree)
    }

    /// Before anything else: what a newer version has is unknown here.
    private static func checkVersion(of tree: YAMLNode, file: String) throws(YAMLError) {
        guard let version = tree[["version"]], !version.isEmpty else { return }
        let reader = YAMLReader(version, file: file, path: "version")
        if case .scalar(let text, _) = version.content, let number = Int(digits: text), number > 1 {
            throw reader.refusal(
                "\(ValueKind<Int>.version.allowed); a file of a newer version needs a newer growatt-broker")
        }
        _ = try reader.value(ValueKind<Int>.version)
    }

    /// Where the control socket of a broker is that has this configuration; nil: nothing that can be read says it.
    ///
    /// What else is wrong does not matter: who asks a running broker may be in the midst of changing its file.
    package static func control(_ request: Request, bytes: [UInt8]?) -> ControlPlace? {
        let kind = ValueKind<ControlPlace>.controlPlace
        if let text = request.environment[SettingKey.control.variable], !text.isEmpty { return kind.read(text) }
        guard let bytes, let tree = try? YAMLParser.node(of: bytes, file: ""),
            case .scalar(let text, _)? = tree[[SettingKey.control.rawValue]]?.content
        else { return nil }
        return kind.read(text)
    }

    /// What the first line of the file is.
    private static func mode(of tree: YAMLNode) -> SourceMode? {
        tree[["lines", "0"]].flatMap { mode(ofLine: $0) }
    }

    private static func mode(ofLine line: YAMLNode) -> SourceMode? {
        if line[["dataset"]] != nil { return .dataset }
        if line[["recording"]] != nil { return .replay }
        return line[["endpoint"]] == nil ? nil : .live
    }

    /// - Parameter first: the mode of the first line, which flags and variables may have decided.
    /// - Throws: ``YAMLError`` for a key of a line that has no meaning in its mode.
    private static func check(_ tree: YAMLNode, file: String, _ first: SourceMode) throws(YAMLError) {
        var faults = YAMLFaults()
        for (index, line) in (tree[["lines"]]?.elements ?? []).enumerated() {
            let mode = index == 0 ? first : mode(ofLine: line) ?? .live
            for entry in line.entries where LineSettings.hasNoMeaning(entry.key, mode) {
                faults.note(
                    YAMLError(
                        file: file, place: entry.keyPlace, path: "lines[\(index)].\(entry.key)",
                        reason: "has no meaning in mode \(mode.rawValue)"))
            }
        }
        try faults.check()
    }
}

extension YAMLNode {
    /// With the default listener where the file has none, and endpoints in their parts.
    fileprivate var completed: YAMLNode {
        var tree = self
        if tree[["listeners"]].map(\.isEmpty) ?? true, isEmpty || !entries.isEmpty || content == .mapping([]) {
            let address = YAMLNode(default: GatewaySettings().tcp[0].description)
            tree = tree.setting(["listeners"], to: YAMLNode(defaults: [YAMLNode([.init("tcp", address)])]))
        }
        for index in (tree[["lines"]]?.elements ?? []).indices {
            tree = tree.resolvingEndpoint(at: ["lines", "\(index)"])
            tree = tree.resolvingEndpoint(at: ["lines", "\(index)", "dongle"])
        }
        return tree
    }

    /// With nothing of the file's first line but what it is called and what clients know of it: something else is in its
    /// place.
    fileprivate var withoutFirstLine: YAMLNode {
        let kept = (self[["lines", "0"]]?.entries ?? []).filter { ["name", "units"].contains($0.key) }
        return setting(["lines", "0"], to: YAMLNode(kept))
    }

    /// With ports on the network having nothing of what was meant for devices.
    fileprivate var withoutUnusedOfDevices: YAMLNode {
        (self[["lines"]]?.elements ?? []).indices.reduce(self) { tree, index in
            tree.withoutUnusedOfDevice(at: ["lines", "\(index)"], .line)
                .withoutUnusedOfDevice(at: ["lines", "\(index)", "dongle"], .dongle)
        }
    }

    /// With an empty dataset or recording where the mode wants one and nobody named it: the reader says what is missing.
    fileprivate func withStandIn(_ mode: SourceMode) -> YAMLNode {
        let keys = [SourceMode.dataset: "dataset", .replay: "recording"]
        guard let key = keys[mode], self[["lines", "0", key]] == nil else { return self }
        return setting(["lines", "0", key], to: YAMLNode([]))
    }
}
