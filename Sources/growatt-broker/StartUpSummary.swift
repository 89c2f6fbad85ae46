internal import Settings

/// What the gateway will do, in a few lines on stderr before it does anything.
struct StartUpSummary {
    private let settings: GatewaySettings

    init(_ settings: GatewaySettings) {
        self.settings = settings
    }

    var lines: [String] {
        [
            "\(GrowattBroker.version), inverter \(settings.inverter.map(String.init(describing:)) ?? "none"), \(shine)",
            "min-period \(seconds(settings.minPeriod)), silence \(settings.silence), "
                + "rtimeout \(seconds(settings.responseTimeout)), retries \(settings.retries), "
                + "client-timeout \(seconds(settings.clientTimeout)), log \(settings.log)",
        ]
    }

    private var shine: String {
        if let shine = settings.shine { return "dongle \(shine)" }
        return settings.isShineAtInverter ? "no dongle (--shine is the inverter's own device)" : "no dongle"
    }

    private func seconds(_ duration: Duration) -> String {
        duration.formatted
    }
}

extension Duration {
    /// As on the command line: `0.5s`.
    fileprivate var formatted: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
    }
}
