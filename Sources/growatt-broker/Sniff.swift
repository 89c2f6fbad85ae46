internal import ArgumentParser
internal import Tools
internal import WireLog

/// The traffic of a line, without taking part in it.
struct Sniff: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Listen to a line, and show who asks what; never transmits.",
        usage: "growatt-broker sniff [<device> ...] [<options>]",
        discussion: """
            One device that hears both directions, or two: the first hears the requests, the second the replies. Or \
            the sniff feed of a running broker. Ctrl-C ends it and tells the counts. docs/tools.md has more.

            Examples:
              growatt-broker sniff /dev/ttyUSB0 --baud 115200 --log wire.jsonl
              growatt-broker sniff /dev/ttyUSB0 /dev/ttyUSB1 --json
              growatt-broker sniff --feed 127.0.0.1:5700
            """,
        version: GrowattBroker.version)

    @Argument(help: .init("One serial device, or that of the requests and that of the replies.", valueName: "device"))
    var devices: [String] = []
    @Option(help: .init("The sniff feed of a broker, in place of devices.", valueName: "host:port"))
    var feed: String?
    @Option(help: .init("Bits per second (default: 9600).", valueName: "n"))
    var baud: String?
    @Option(help: .init("Character format, [78][NEO][12] (default: 8N1).", valueName: "format"))
    var bytes: String?
    @Option(
        help: .init("Write the wire log to this file too, added to what it has; -: as --json.", valueName: "path|-"))
    var log: String?
    @Flag(help: "Print the lines of the wire log, for analyze, compact and replay.")
    var json = false
    @Option(help: .init("Stop after this time (default: runs on).", valueName: "s"))
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
