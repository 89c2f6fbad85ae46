/// Everything that can be set about the demo.
package struct DemoSettings: Hashable, Sendable {
    /// Where Modbus TCP is served (`--tcp`), each address once; empty: nowhere. Default that of the gateway.
    package var tcp = GatewaySettings().tcp
    /// How long it runs (`--duration`); 1 ms to 30 days, default nil: until it is stopped.
    package var duration: Duration?
    /// The control socket (`--control`); default automatic.
    package var control = ControlPlace.automatic
    /// The wire log (`--log`, `--log-max-size`); default none.
    package var log = LogSettings()
    /// The inverter and its profile (`--profile`, `--time-scale`, `--start-time`); default a sunny day from 10:00, one minute a
    /// second.
    package var inverter: DatasetSettings = {
        var inverter = DatasetSettings(name: "min-6000tl-xh")
        inverter.profiles = ["sunny-day"]
        inverter.timeScale = 60
        inverter.startTime = 10 * 3600
        return inverter
    }()

    private static let ofInverter: Set<SettingKey> = [.profile, .timeScale, .startTime]

    /// The defaults.
    package init() {}

    /// Reads the texts of its flags.
    ///
    /// - Throws: ``YAMLError`` for a value that is none of the allowed ones.
    package init(_ texts: [SettingKey: [String]]) throws(YAMLError) {
        // It has a line and a dongle of its own, for which these stand.
        let own: [SettingKey: [String]] = [.inverter: ["/dev/inverter"], .shine: ["/dev/shine"]]
        let ofGateway = texts.filter { !Self.ofInverter.contains($0.key) }
        let request = Configuration.Request(flags: ofGateway.merging(own) { given, _ in given })
        let settings = try Configuration(request).settings
        tcp = settings.tcp
        duration = settings.duration
        control = settings.control
        log = settings.log
        try readInverter(texts.filter { Self.ofInverter.contains($0.key) && !$0.value.isEmpty })
    }

    private mutating func readInverter(_ texts: [SettingKey: [String]]) throws(YAMLError) {
        let own: [SettingKey: [String]] = [.dataset: [inverter.name]]
        let request = Configuration.Request(flags: texts.merging(own) { given, _ in given }, mode: .dataset)
        guard case .dataset(let given) = try Configuration(request).settings.line.source else { return }
        if texts[.profile] != nil { inverter.profiles = given.profiles }
        if texts[.timeScale] != nil { inverter.timeScale = given.timeScale }
        if texts[.startTime] != nil { inverter.startTime = given.startTime }
    }
}
