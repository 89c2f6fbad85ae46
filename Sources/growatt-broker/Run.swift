internal import ArgumentParser

/// The gateway by name; the same as no subcommand.
struct Run: BrokerCommand {
    /// What answers.
    enum Mode: String, CaseIterable, ExpressibleByArgument {
        /// The inverter itself.
        case live
    }

    static let configuration = CommandConfiguration(
        abstract: "Run the gateway; the same as no subcommand.",
        discussion: """
            Examples:
              growatt-broker run --mode live --inverter /dev/ttyUSB0
              growatt-broker run --inverter /dev/ttyUSB0 --shine /dev/ttyUSB1 --tcp :5020
            """,
        version: GrowattBroker.version)

    @Option(help: "What answers; live: the inverter itself.")
    var mode = Mode.live

    @OptionGroup var gateway: GatewayOptions

    func start() throws {
        try runGateway(gateway.settings())
    }
}
