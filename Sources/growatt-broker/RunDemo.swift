internal import Gateway
internal import Glibc
internal import Settings
internal import Text
internal import WireLog

/// Runs the demo until a signal or the end of its time: the inverter's values and a line for each exchange on stdout, or on
/// stderr where the wire log has stdout.
func runDemo(_ settings: DemoSettings) throws {
    // The lines are written off the event loop: a terminal may be stopped.
    let isOutputTaken = settings.log.file == .standardOutput
    let output = QueuedLines(isOutputTaken ? STDERR_FILENO : STDOUT_FILENO) { "\($0.counted("line")) lost" }
    defer { output.flush(timeout: .seconds(1)) }
    let lines = ExchangeLine()
    // Messages of level info report pseudo-terminals, which every demo has.
    let process = GatewayProcess(
        version: GrowattBroker.version, level: .warning, write: OperatorMessages.write)
    try DemoGateway.run(
        settings, process: process, signals: ProcessSignals(),
        started: { start in
            for line in DemoInvitation(settings, start).lines { output.append(line) }
        },
        showed: { output.append("now: \($0)") },
        observe: { event in
            if let line = lines.text(of: event) { output.append(line) }
        })
    OperatorMessages.flush()
}

/// The first lines of a demo: its inverter's values, and commands to try while it runs.
private struct DemoInvitation {
    private let settings: DemoSettings
    private let start: DemoGateway.Start

    init(_ settings: DemoSettings, _ start: DemoGateway.Start) {
        self.settings = settings
        self.start = start
    }

    var lines: [String] {
        let place = start.addresses.first.map { "; Modbus TCP is on \($0)" } ?? ""
        let profiles = settings.inverter.profiles.joined(separator: ", ")
        let scale = settings.inverter.timeScale
        return [
            "A simulated MIN 6000TL-XH and a Shine dongle share one line\(place).",
            "Now it shows (profile \(profiles), time × \(scale == scale.rounded() ? "\(Int(scale))" : "\(scale)")):",
        ] + start.values + (commands.isEmpty ? [] : ["Try, in another terminal:"]) + commands.map { "  \($0)" }
            + [
                "One reply in twenty is lost, as on a real line. Each exchange on the line follows, and every ten seconds the "
                    + "values. Ctrl-C ends it."
            ]
    }

    private var commands: [String] {
        var commands: [String] = []
        switch start.control {
        case .path(let path): commands.append("growatt-broker status --control \(path)")
        case .automatic: commands.append("growatt-broker status")
        case .none: break
        }
        guard let address = start.addresses.first else { return commands }
        return commands + [
            "growatt-broker read tcp://\(address) input 3001:u32 3171 --every 2s",
            "growatt-broker write tcp://\(address) holding 3049=1    # AC charge enable: charge from the grid",
        ]
    }
}
