internal import ArgumentParser
internal import Settings

/// The gateway with a capture: of what clients ask, or of what it asks by itself.
struct Capture: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Capture the exchanges with an inverter, or with simulated units, to a file.",
        discussion: """
            Without --tcp, --tcp-alt, --shine or --pty nobody else asks: it reads the dataset's blocks, or those of --poll,
            once a second.

            Examples:
              growatt-broker capture --inverter /dev/ttyUSB0 --poll input:3000-3124 --out session.jsonl --duration 1h
              growatt-broker capture --inverter /dev/ttyUSB0 --tcp :5020 --out session.jsonl
              growatt-broker capture --mode dataset --dataset min-6000tl-xh --out session.jsonl --duration 10
            """,
        version: GrowattBroker.version)

    @Option(help: .init("The file; it is added to.", valueName: "path"))
    var out: String
    @Option(
        help: .init(
            "What is read once a second, such as holding:0-124,input:3000-3124; 2/ before a block: of unit 2.",
            valueName: "blocks"))
    var poll: String?
    @OptionGroup var source: SourceOptions
    @OptionGroup var gateway: GatewayOptions

    func start() throws {
        var texts = gateway.texts.merging(source.texts) { $1 }
        texts[.capture] = [out]
        let isAsked = [SettingKey.tcp, .tcpAlt, .shine, .pty].contains { !(texts[$0] ?? []).isEmpty }
        if let poll { texts[.poll] = [poll] }
        if !isAsked, poll == nil {
            let settings = try ConfigurationSource(flags: texts, mode: source.mode, file: gateway.config).load()
                .settings
            guard settings.line.source != .line else {
                throw UsageFailure(
                    "--poll is missing; expected what to read, as in `--poll input:3000-3124`, or --tcp, --tcp-alt or "
                        + "--shine for clients that ask")
            }
            texts[.poll] = ["dataset"]
        }
        if !isAsked { texts[.tcp] = ["none"] }
        try runGateway(ConfigurationSource(flags: texts, mode: source.mode, file: gateway.config))
    }
}
