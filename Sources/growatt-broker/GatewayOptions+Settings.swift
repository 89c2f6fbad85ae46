internal import Settings

extension GatewayOptions {
    /// The texts of the flags that are there.
    var texts: [SettingKey: [String]] {
        let single: [SettingKey: String?] = [
            .inverter: inverter, .shine: shine, .baud: baud, .bytes: bytes, .inverterBaud: invBaud,
            .inverterBytes: invBytes, .shineBaud: shineBaud, .shineBytes: shineBytes, .tcpAlt: tcpAlt, .sniff: sniff,
            .minPeriod: minPeriod, .silence: silence, .responseTimeout: rtimeout, .clientTimeout: clientTimeout,
            .shineTimeout: shineTimeout, .retries: retries, .maxClients: maxClients, .log: log,
            .logMaxSize: logMaxSize, .localEcho: localEcho.map { "\($0)" },
            .allowBroadcast: allowBroadcast.map { "\($0)" }, .faults: faults, .capture: capture,
            .logLevel: logLevel, .control: control,
        ]
        var texts = single.compactMapValues { $0.map { [$0] } }
        texts[.tcp] = tcp
        return texts
    }
}
