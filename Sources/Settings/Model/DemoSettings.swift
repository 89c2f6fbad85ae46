/// Everything that can be set about the demo.
package struct DemoSettings: Hashable, Sendable {
    /// Where Modbus TCP is served (`--tcp`), each address once; empty: nowhere. Default that of the gateway.
    package var tcp = GatewaySettings().tcp
    /// How long it runs (`--duration`); 1 ms to 30 days, default nil: until it is stopped.
    package var duration: Duration?

    /// The defaults.
    package init() {}

    /// Reads the texts of `--tcp` and `--duration`.
    ///
    /// - Throws: ``YAMLError`` for a value that is none of the allowed ones.
    package init(_ texts: [SettingKey: [String]]) throws(YAMLError) {
        // It has a line and a dongle of its own, for which these stand.
        let own: [SettingKey: [String]] = [.inverter: ["/dev/inverter"], .shine: ["/dev/shine"]]
        let request = Configuration.Request(flags: texts.merging(own) { given, _ in given })
        let settings = try Configuration(request).settings
        tcp = settings.tcp
        duration = settings.duration
    }
}
