internal import ArgumentParser
internal import Settings

/// The gateway in front of a simulated inverter.
struct Demo: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway with a simulated inverter: nothing need be connected.",
        usage: "growatt-broker demo [<options>]",
        discussion: """
            It shows what the inverter has, and which commands to try next; then each
            exchange on the line, and every ten seconds the values.

            Examples:
              growatt-broker demo
              growatt-broker demo --duration 10 --tcp 0.0.0.0:5020
              growatt-broker demo --profile cloudy-day --log /tmp/wire.jsonl
            """,
        version: GrowattBroker.version)

    @Option(help: .init("Stop after this time: seconds, or 500ms, 2s, 1m, 1h (default: runs on).", valueName: "s"))
    var duration: String?

    @Option(help: .init("Where Modbus TCP is served; see the gateway's --tcp.", valueName: "host:port"))
    var tcp: [String] = []

    @Option(
        help: .init(
            "What moves the inverter: a file, or a shipped profile; static: nothing; repeatable (default: "
                + "\(defaults.inverter.profiles.joined(separator: ", "))).", valueName: "file|name"))
    var profile: [String] = []

    @Option(
        help: .init(
            "How many simulated seconds a second lasts, 0.01 to 3600 (default: "
                + "\(Int(defaults.inverter.timeScale)): a day in 24 minutes).", valueName: "factor"))
    var timeScale: String?

    @Option(help: .init("When the simulated day begins (default: 10:00).", valueName: "hh:mm"))
    var startTime: String?

    @Option(
        help: .init("Where the wire log goes: a file, - (stdout) or none (default: none).", valueName: "path|-|none"))
    var log: String?

    @Option(
        help: .init(
            "The socket of status: a path, auto or none (default: auto, or one in /tmp if a broker runs already).",
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
