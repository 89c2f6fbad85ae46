internal import ArgumentParser
internal import Settings

private let defaults = GatewaySettings()
private let line = LineSettings()

/// The gateway's flags. All are texts, and nil where they are not given: values and defaults are up to `Settings`.
struct GatewayOptions: ParsableArguments {
    @Option(
        help: .init(
            "The configuration; flags and GROWATT_BROKER_… variables beat it (default: \(Configuration.defaultFile), "
                + "if it is there and no line is named).", valueName: "file"))
    var config: String?
    @Option(
        help: .init(
            "Line of the inverter: a device path, or serial:///dev/ttyUSB0?baud=9600&format=8N1; &rs485=high (or low): RTS switches.",
            valueName: "endpoint"))
    var inverter: String?
    @Option(help: .init("Line of the dongle; empty or the inverter's device: no dongle.", valueName: "endpoint"))
    var shine: String?
    @Option(help: .init("Bits per second of both lines (default: \(Endpoint.defaultBaud)).", valueName: "n"))
    var baud: String?
    @Option(
        help: .init(
            "Characters on both lines, [78][NEO][12] (default: \(Endpoint.defaultFormat)).",
            valueName: "format"))
    var bytes: String?
    @Option(help: .init("Overrides --baud for the inverter.", valueName: "n"))
    var invBaud: String?
    @Option(help: .init("Overrides --bytes for the inverter.", valueName: "format"))
    var invBytes: String?
    @Option(help: .init("Overrides --baud for the dongle.", valueName: "n"))
    var shineBaud: String?
    @Option(help: .init("Overrides --bytes for the dongle.", valueName: "format"))
    var shineBytes: String?

    @Option(
        help: .init(
            "Where Modbus TCP is served; repeatable, or separated by commas; - or none: nowhere "
                + "(default: \(defaults.tcp.map(\.description).joined(separator: ","))).", valueName: "host:port"))
    var tcp: [String] = []
    @Option(help: .init("One more address where Modbus TCP is served (default: none).", valueName: "host:port"))
    var tcpAlt: String?
    @Option(help: .init("Where the traffic can be listened to (default: none).", valueName: "host:port"))
    var sniff: String?

    @Option(
        help: .init(
            "Pause on the line before each request, in seconds, as all times; or 500ms, 2s, 1m "
                + "(default: \(line.minPeriod.secondsText)).", valueName: "s"))
    var minPeriod: String?
    @Option(
        help: .init(
            "Least silence between frames; auto: 3.5 characters (default: \(line.silence)).",
            valueName: "auto|s"))
    var silence: String?
    @Option(
        help: .init(
            "How long the inverter may take to answer (default: \(line.responseTimeout.secondsText)).",
            valueName: "s"))
    var rtimeout: String?
    @Option(
        help: .init(
            "When TCP clients give up; they are answered \(ClientsSettings.answerMargin.secondsText) s "
                + "earlier (default: \(defaults.clients.timeout.secondsText)).", valueName: "s"))
    var clientTimeout: String?
    @Option(help: .init("When the dongle gives up (default: \(DongleSettings().timeout.secondsText)).", valueName: "s"))
    var shineTimeout: String?
    @Option(
        help: .init(
            "How often a read without answer is repeated (default: \(line.retries)).",
            valueName: "n"))
    var retries: String?
    @Option(help: .init("The most TCP clients at a time (default: \(defaults.clients.limit)).", valueName: "n"))
    var maxClients: String?
    @Flag(inversion: .prefixedNo, help: "The inverter's adapter hears itself (default: found out).")
    var localEcho: Bool?
    @Flag(inversion: .prefixedNo, help: "TCP clients may write to unit 0, which is all units (default: they may not).")
    var allowBroadcast: Bool?

    @Option(
        help: .init(
            "Where the wire log goes: a file, - (stdout) or none (default: \(defaults.log.file)).",
            valueName: "path|-|none"))
    var log: String?
    @Option(
        help: .init(
            "Size at which a log file is replaced, with K, M or G; 0: never "
                + "(default: \(defaults.log.maxSize / 1_000_000)M).", valueName: "bytes"))
    var logMaxSize: String?
    @Option(
        help: .init(
            "How much is told on stderr: error, warning, info, or debug, which has every exchange "
                + "(default: \(defaults.log.level.rawValue)).", valueName: "level"))
    var logLevel: String?
    @Option(
        help: .init(
            "The socket of status, reload and passthrough: a path, auto or none (default: auto, a file in "
                + "$XDG_RUNTIME_DIR/growatt-broker or /run/growatt-broker).", valueName: "path|auto|none"))
    var control: String?
    @Option(
        help: .init(
            "Capture every exchange to this file, for replay, compact and analyze; its size has the limit of the log's "
                + "(default: none).", valueName: "path"))
    var capture: String?
    @Option(
        help: .init(
            "Disturb the replies: rules such as 'loss 5%; delay 10% by 50ms-200ms', or a YAML file (default: nothing).",
            valueName: "rules|file"))
    var faults: String?
}
