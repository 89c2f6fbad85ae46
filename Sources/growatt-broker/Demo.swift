internal import ArgumentParser
internal import Settings

/// The gateway in front of a simulated inverter.
struct Demo: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway with a simulated inverter; it needs no hardware.",
        usage: "growatt-broker demo [<options>]",
        discussion: """
            The demo shows the inverter's values, and commands to try next; then each
            exchange on the line, and every ten seconds the values again.

            Examples:
              growatt-broker demo
              growatt-broker demo --duration 10 --tcp 0.0.0.0:5020
              growatt-broker demo --profile cloudy-day --log /tmp/wire.jsonl
            """,
        version: GrowattBroker.version)

    @Option(help: .init("Stop after this time: seconds, or 500ms, 2s, 1m, 1h (default: never).", valueName: "s"))
    var duration: String?

    @Option(help: .init("Serve Modbus TCP at this address; see the gateway's --tcp.", valueName: "host:port"))
    var tcp: [String] = []

    @Option(
        help: .init(
            "A profile, which moves the values: a file, or a shipped profile; static: none move; repeatable (default: "
                + "\(defaults.inverter.profiles.joined(separator: ", "))).", valueName: "file|name"))
    var profile: [String] = []

    @Option(
        help: .init(
            "Simulated seconds in a second, 0.01 to 3600 (default: "
                + "\(Int(defaults.inverter.timeScale)): a day in 24 minutes).", valueName: "factor"))
    var timeScale: String?

    @Option(help: .init("When the simulated day begins (default: 10:00).", valueName: "hh:mm"))
    var startTime: String?

    @Option(
        help: .init("Where the wire log goes: a file, - (stdout) or none (default: none).", valueName: "path|-|none"))
    var log: String?

    @Option(
        help: .init(
            "The socket of status: a path, auto or none (default: auto, or a path in /tmp if a broker runs already).",
            valueName: "path|auto|none"))
    var control: String?

    func start() throws {
        let single: [SettingKey: String?] = [
            .duration: duration, .timeScale: timeScale, .startTime: startTime, .log: log, .control: control,
        ]
        var texts = single.compactMapValues { $0.map { [$0] } }
        texts[.tcp] = tcp
        texts[.profile] = profile
        try runDemo(DemoSettings(texts))
    }
}

private let defaults = DemoSettings()
