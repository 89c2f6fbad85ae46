internal import ArgumentParser
internal import Settings
internal import Tools
internal import WireLog

/// The gateway with a capture: of what clients ask, or of what it asks by itself.
struct Capture: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Capture the exchanges with an inverter, or with simulated units, to a file.",
        discussion: """
            Without a listener such as --tcp, and without --shine, there are no clients. Then capture itself reads once a \
            second: the blocks of --poll, or all registers of a dataset or a recording. It ends after --duration or with \
            Ctrl-C.

            Examples:
              growatt-broker capture --inverter /dev/ttyUSB0 --poll input:0-9 --out s.jsonl
              growatt-broker capture --inverter /dev/ttyUSB0 --tcp :5020 --out s.jsonl
              growatt-broker capture --mode dataset --dataset sph-6000 --out s.jsonl
            """,
        version: GrowattBroker.version)

    @Option(help: .init("The file; capture appends to it.", valueName: "path"))
    var out: String
    @Option(
        help: .init(
            "The registers to read once a second, such as holding:0-124,input:3000-3124; 2/ before a block: of unit 2.",
            valueName: "blocks"))
    var poll: String?
    @OptionGroup(title: "What answers") var source: SourceOptions
    @OptionGroup var gateway: GatewayOptions

    func start() throws {
        if out.isEmpty { throw UsageFailure("--out \"\": expected the path of a file") }
        var texts = gateway.texts.merging(source.texts) { $1 }
        texts[.capture] = [out]
        if let poll { texts[.poll] = [poll] }
        let configuration = try ConfigurationSource(flags: texts, mode: source.mode, file: gateway.config).load()
        let settings = configuration.settings
        if !configuration.letsClientsIn {
            if settings.lines.allSatisfy({ $0.poll == nil }) {
                guard settings.line.source != .line else {
                    throw UsageFailure(
                        "--poll is missing; expected what to read, as in `--poll input:3000-3124`, or --tcp, --pty or "
                            + "--shine for clients that ask")
                }
                texts[.poll] = ["dataset"]
            }
            texts[.tcp] = ["none"]
        }
        try WireLogDestination.check(file: out, for: .capture)
        let captured = try runGateway(ConfigurationSource(flags: texts, mode: source.mode, file: gateway.config))
        guard captured > 0 else { throw ToolError.failed("\(out): nothing was captured") }
    }
}
