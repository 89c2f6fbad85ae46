internal import ArgumentParser
internal import Tools

/// The speed, format and units of a line, found out by harmless reads.
struct Probe: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find speed, character format and units of a line, and print the flags to use.",
        usage: "growatt-broker probe <endpoint> [<options>]",
        discussion: """
            probe listens first. If it hears another client, it sends nothing. Otherwise it reads holding register 0 at \
            every setting, and if no unit answers, input register 0. It never writes. docs/tools.md has more.

            Examples:
              growatt-broker probe /dev/ttyUSB0
              growatt-broker probe /dev/ttyUSB0 --bauds 9600,115200 --units 1-10 --json
            """,
        version: GrowattBroker.version)

    @Argument(help: endpointHelp)
    var endpoint: String
    @Option(help: .init("The units to ask, such as 1-3,10 (default: 1-3).", valueName: "units"))
    var units: String?
    @Option(
        help: .init(
            "Speeds to try, in this order (default: 9600,115200,19200,38400,57600,4800,2400).",
            valueName: "list"))
    var bauds: String?
    @Option(help: .init("Character formats to try, in this order (default: 8N1,8E1,8O1,8N2).", valueName: "list"))
    var formats: String?
    @Option(
        help: .init("How long to listen before the first request; 0: not at all (default: 2.5).", valueName: "s"))
    var listen: String?
    @Option(help: .init("How long a unit may take to answer (default: 0.4; 5 for tcp://).", valueName: "s"))
    var rtimeout: String?
    @Option(help: .init("Pause after an answer (default: 0.5).", valueName: "s"))
    var minPeriod: String?
    @Flag(help: "Print a JSON object.")
    var json = false

    func start() throws {
        let settings = try ProbeTool.Settings(
            endpoint: endpoint, units: units, bauds: bauds, formats: formats, listening: listen,
            responseTimeout: rtimeout, pause: minPeriod, isJSON: json)
        let interruption = Interruption()
        interruption.takeSignals()
        try ProbeTool(settings, interruption, Output()).run()
    }
}
