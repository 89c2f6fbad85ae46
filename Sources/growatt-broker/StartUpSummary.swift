internal import Settings

/// What the gateway will do, in a few lines on stderr before it does anything.
struct StartUpSummary {
    private let settings: GatewaySettings

    init(_ settings: GatewaySettings) {
        self.settings = settings
    }

    var lines: [String] {
        ["\(GrowattBroker.version), \(source), \(shine)", timing]
    }

    private var source: String {
        switch settings.line.source {
        case .line: "\(settings.line.name) \(settings.line.port.endpoint.map(String.init(describing:)) ?? "none")"
        case .recording(let recording):
            "recording \(recording.file), \(recording.order.rawValue), "
                + "speed \(recording.speed.map(Self.plain) ?? "max")"
        case .dataset(let dataset):
            (["dataset \(dataset.name)"] + dataset.profiles.map { "profile \($0)" }).joined(separator: ", ")
        }
    }

    /// Without the point where nothing is behind it.
    private static func plain(_ factor: Double) -> String {
        factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
    }

    private var timing: String {
        let line = settings.line
        let clients = "client-timeout \(seconds(settings.clients.timeout)), log \(settings.log.file)"
        guard case .line = line.source else { return clients }
        return "min-period \(seconds(line.minPeriod)), silence \(line.silence), "
            + "rtimeout \(seconds(line.responseTimeout)), retries \(line.retries), \(clients)"
    }

    private var shine: String {
        if let dongle = settings.line.dongle?.port.endpoint { return "dongle \(dongle)" }
        return settings.line.isDongleAtInverter ? "no dongle (--shine is the inverter's own device)" : "no dongle"
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
