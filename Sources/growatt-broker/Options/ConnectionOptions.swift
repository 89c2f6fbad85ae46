internal import ArgumentParser
internal import Tools

/// Which unit a tool asks, and how. All are texts, and nil where they are not given: values and defaults are up to `Tools`.
struct ConnectionOptions: ParsableArguments {
    @Option(help: .init("The unit, 0 to 255 (default: 1).", valueName: "n"))
    var unit: String?
    @Option(help: .init("Bits per second of a serial device (default: 9600).", valueName: "n"))
    var baud: String?
    @Option(help: .init("Characters of a serial device, [78][NEO][12] (default: 8N1).", valueName: "format"))
    var bytes: String?
    @Option(
        help: .init(
            "Pause on the line before each request, in seconds (default: 0.5; 0 for tcp://).", valueName: "s"))
    var minPeriod: String?
    @Option(help: .init("How long the unit may take to answer (default: 0.9; 5 for tcp://).", valueName: "s"))
    var rtimeout: String?
    @Option(
        help: .init("How often the tool repeats a read without an answer (default: 1; 0 for scan).", valueName: "n"))
    var retries: String?

    /// - Throws: `ToolError.usage`.
    func settings(_ endpoint: String) throws(ToolError) -> ConnectionSettings {
        try ConnectionSettings(
            endpoint: endpoint, unit: unit, baud: baud, bytes: bytes, minPeriod: minPeriod, responseTimeout: rtimeout,
            retries: retries)
    }
}

/// What an endpoint may be, in the help of each tool.
let endpointHelp = ArgumentHelp(
    "A device such as /dev/ttyUSB0 or serial:///dev/ttyUSB0?baud=115200, tcp://HOST[:PORT] (Modbus TCP, also a running broker), or rtuovertcp://HOST:PORT.",
    valueName: "endpoint")

/// Runs a tool on an open connection, with Ctrl-C taken care of.
func withConnection(
    _ settings: ConnectionSettings, _ body: (UnitConnection, Interruption, Output) throws -> Void
) throws {
    let interruption = Interruption()
    interruption.takeSignals()
    let connection = try UnitConnection(settings, interruption)
    defer { connection.close() }
    try body(connection, interruption, Output())
}
