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
    /// - Throws: `SettingsError.invalid` or `.sameAddress`.
    package init(_ texts: [SettingKey: [String]]) throws(SettingsError) {
        let reader = SettingReader(texts: texts)
        tcp = try reader.addresses(.tcp) ?? tcp
        let range = Duration.milliseconds(1)...Duration.seconds(30 * 24 * 3600)
        duration = try reader.duration(.duration, in: range, "1 ms to 720 h")
        var taken: Set<HostPort> = []
        for address in tcp where address.port != 0 && !taken.insert(address).inserted {
            throw .sameAddress(.tcp, .tcp, address)
        }
    }
}
