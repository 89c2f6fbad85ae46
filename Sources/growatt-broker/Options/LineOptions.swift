internal import ArgumentParser
internal import Endpoints
internal import Settings
internal import Text

private let line = LineSettings()

/// The first line's flags. All are texts, and nil where they are not given, as in ``GatewayOptions``.
struct LineOptions: ParsableArguments {
    @Option(
        help: .init(
            "The inverter: a device path, serial:///dev/ttyUSB0?baud=9600&format=8N1 (&rs485=high or low: RTS switches), "
                + "tcp://HOST[:PORT], rtuovertcp://HOST:PORT, udp://HOST[:PORT], rtuoverudp://HOST:PORT, or listen+tcp://HOST:PORT "
                + "where a Modbus TCP gateway connects to.",
            valueName: "endpoint"))
    var inverter: String?
    @Option(
        help: .init(
            "The dongle: a device path, rtuovertcp://HOST:PORT, or listen+rtuovertcp://HOST:PORT for a serial server "
                + "that connects; empty or the inverter's device: no dongle.", valueName: "endpoint"))
    var shine: String?
    @Option(help: .init("Bits per second of both serial ports (default: \(Endpoint.defaultBaud)).", valueName: "n"))
    var baud: String?
    @Option(
        help: .init(
            "Characters on both serial ports, [78][NEO][12] (default: \(Endpoint.defaultFormat)).",
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
            "Pause on the line before each request "
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
    @Option(help: .init("When the dongle gives up (default: \(DongleSettings().timeout.secondsText)).", valueName: "s"))
    var shineTimeout: String?
    @Option(
        help: .init(
            "How often the broker repeats a read without an answer (default: \(line.retries)).",
            valueName: "n"))
    var retries: String?
    @Flag(inversion: .prefixedNo, help: "The inverter's adapter hears itself (default: the broker finds out).")
    var localEcho: Bool?
    @Option(
        help: .init(
            "Disturb the replies: rules such as 'loss 5%; delay 10% by 50ms-200ms', or a YAML file (default: nothing).",
            valueName: "rules|file"))
    var faults: String?

    /// Those that are there.
    var texts: [SettingKey: [String]] {
        let single: [SettingKey: String?] = [
            .inverter: inverter, .shine: shine, .baud: baud, .bytes: bytes, .inverterBaud: invBaud,
            .inverterBytes: invBytes, .shineBaud: shineBaud, .shineBytes: shineBytes, .minPeriod: minPeriod,
            .silence: silence, .responseTimeout: rtimeout, .shineTimeout: shineTimeout, .retries: retries,
            .localEcho: localEcho.map { "\($0)" }, .faults: faults,
        ]
        return single.compactMapValues { $0.map { [$0] } }
    }
}
