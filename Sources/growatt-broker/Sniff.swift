internal import ArgumentParser
internal import Tools
internal import WireLog

/// The traffic of a line, without taking part in it.
struct Sniff: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Listen to a line, and show its requests and replies; never transmits.",
        usage: "growatt-broker sniff [<device> ...] [<options>]",
        discussion: """
            sniff listens at one device that hears both directions, or at two: the first hears the requests, the second \
            the replies; or at the sniff feed of a running broker. Ctrl-C ends it, and prints the counts. docs/tools.md \
            has more.

            Examples:
              growatt-broker sniff /dev/ttyUSB0 --baud 115200 --log wire.jsonl
              growatt-broker sniff /dev/ttyUSB0 /dev/ttyUSB1 --json
              growatt-broker sniff --feed 127.0.0.1:5700
            """,
        version: GrowattBroker.version)

    @Argument(
        help: .init("One serial device, or the device of the requests and that of the replies.", valueName: "device"))
    var devices: [String] = []
    @Option(help: .init("The sniff feed of a broker, in place of devices.", valueName: "host:port"))
    var feed: String?
    @Option(help: .init("Bits per second (default: 9600).", valueName: "n"))
    var baud: String?
    @Option(help: .init("Character format, [78][NEO][12] (default: 8N1).", valueName: "format"))
    var bytes: String?
    @Option(
        help: .init("Also append the wire log to this file; -: as --json.", valueName: "path|-"))
    var log: String?
    @Flag(help: "Print the records of the wire log, for analyze, compact and replay.")
    var json = false
    @Option(help: .init("Stop after this time (default: never).", valueName: "s"))
    var duration: String?

    func start() throws {
        let settings = try SniffTool.Settings(
            devices: devices, feed: feed, baud: baud, bytes: bytes, log: log, isJSON: json, duration: duration)
        if let path = settings.log { try WireLogDestination.check(file: path, for: .wireLog) }
        let interruption = Interruption()
        interruption.takeSignals()
        try SniffTool(settings, interruption, Output()).run()
    }
}
