internal import ArgumentParser
internal import Settings

/// The gateway in front of a simulated inverter.
struct Demo: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway with a simulated inverter: nothing need be connected.",
        discussion: """
            Examples:
              growatt-broker demo
              growatt-broker demo --duration 10 --tcp 0.0.0.0:5020
            """,
        version: GrowattBroker.version)

    @Option(help: .init("Stop after this time: seconds, or 500ms, 2s, 1m, 1h (default: runs on).", valueName: "s"))
    var duration: String?

    @Option(help: .init("Where Modbus TCP is served; see the gateway's --tcp.", valueName: "host:port"))
    var tcp: [String] = []

    func start() throws {
        var texts: [SettingKey: [String]] = [.tcp: tcp]
        texts[.duration] = duration.map { [$0] }
        try runDemo(DemoSettings(texts))
    }
}
