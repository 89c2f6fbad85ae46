internal import Endpoints
internal import Settings
internal import Text

/// What the gateway will do, in a few lines on stderr before it does anything.
struct StartUpSummary {
    private let settings: GatewaySettings

    init(_ settings: GatewaySettings) {
        self.settings = settings
    }

    var lines: [String] {
        guard settings.lines.count > 1 else {
            let line = LineSummary(settings.line)
            return [
                "\(GrowattBroker.version), \(line.source), \(line.dongle)",
                (line.timing + line.reads + clients).joined(separator: ", "),
            ]
        }
        let each = settings.lines.map { line in
            let summary = LineSummary(line)
            return ([summary.named, summary.dongle] + summary.units + summary.timing + summary.reads).joined(
                separator: ", ")
        }
        return ["\(GrowattBroker.version), \(settings.lines.count.counted("line"))"] + each + [
            clients.joined(separator: ", ")
        ]
    }

    private var clients: [String] {
        let (clients, defaults) = (settings.clients, GatewaySettings().clients)
        let rules = [
            ("writers", clients.writers == defaults.writers ? [] : clients.writers.map(\.description)),
            ("allow", clients.allow.map(\.description)),
            ("deny", clients.deny.map(\.description)),
        ].filter { !$0.1.isEmpty }.map { word, blocks in "\(word) \(blocks.joined(separator: " "))" }
        return ["client-timeout \(clients.timeout.formatted)"] + (clients.isReadOnly ? ["read-only"] : []) + rules
            + ["log \(settings.log.file)"]
    }
}

/// One line of the gateway, and its dongle, in words.
private struct LineSummary {
    private let line: LineSettings

    init(_ line: LineSettings) {
        self.line = line
    }

    var source: String {
        switch line.source {
        case .line: "\(line.name) \(line.port.endpoint.map(String.init(describing:)) ?? "none")"
        case .recording(let recording):
            "recording \(recording.file), \(recording.order.rawValue), "
                + "speed \(recording.speed.map(Self.plain) ?? "max")"
        case .dataset(let dataset):
            (["dataset \(dataset.name)"] + dataset.profiles.map { "profile \($0)" }).joined(separator: ", ")
        }
    }

    /// With the name that tells it from others.
    var named: String { line.source == .line ? source : "\(line.name) \(source)" }

    var dongle: String {
        if let dongle = line.dongle?.port.endpoint { return "dongle \(dongle)" }
        return line.isDongleAtInverter ? "no dongle (--shine is the inverter's own device)" : "no dongle"
    }

    /// By the numbers that clients know; nothing where no line has them for itself.
    var units: [String] {
        guard let units = line.units else { return [] }
        if units.isEmpty { return ["no units for listeners of all lines"] }
        return [
            "units " + units.map { $0.asked == $0.own ? "\($0.asked)" : "\($0.asked)=\($0.own)" }.joined(separator: " ")
        ]
    }

    /// The registers that clients may read; empty if all.
    var reads: [String] { line.reads.map { ["reads \($0)"] } ?? [] }

    var timing: [String] {
        guard case .line = line.source else { return [] }
        return [
            "min-period \(line.minPeriod.formatted)", "silence \(line.silence)",
            "rtimeout \(line.responseTimeout.formatted)", "retries \(line.retries)",
        ]
    }

    /// Without the point where nothing is behind it.
    private static func plain(_ factor: Double) -> String {
        factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
    }
}

extension Duration {
    /// As on the command line: `0.5 s`.
    fileprivate var formatted: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
    }
}
