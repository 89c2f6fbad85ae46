internal import ArgumentParser

/// The gateway by name, with anything that can answer.
struct Run: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway, on a line (the same as no subcommand), on simulated units or on a recording.",
        discussion: """
            Examples:
              growatt-broker run --mode live --inverter /dev/ttyUSB0
              growatt-broker run --mode dataset --dataset sph-6000 --profile sunny-day
              growatt-broker run --mode dataset --dataset my.json --faults 'loss 5%'
              growatt-broker run --mode replay --recording wire.jsonl --speed 10
              growatt-broker run --mode replay --recording wire.jsonl.gz --pty /tmp/inv
            """,
        version: GrowattBroker.version)

    @OptionGroup(title: "What answers") var source: SourceOptions
    @OptionGroup var gateway: GatewayOptions

    func start() throws {
        try runGateway(
            ConfigurationSource(
                flags: gateway.texts.merging(source.texts) { $1 }, mode: source.mode, file: gateway.config))
    }
}
