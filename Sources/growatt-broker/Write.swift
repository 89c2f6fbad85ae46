internal import ArgumentParser
internal import Growatt
internal import Modbus
internal import Tools

/// Registers or coils of a unit, written once and read back.
struct Write: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write registers or coils of a unit: shows what changes, asks, writes, and reads back.",
        usage: "growatt-broker write <endpoint> <values> ... [<options>]",
        discussion: """
            After a table (holding or coil) write ADDRESS[:TYPE]=VALUE[,VALUE…], with the types of `read`. The tool sends \
            a write once, never twice. Without an answer, the outcome of the write is unknown, and the values read back \
            decide.

            Examples:
              growatt-broker write /dev/ttyUSB0 holding 3049=1
              growatt-broker write tcp://127.0.0.1:5020 holding 3049=1 --dry-run
              growatt-broker write tcp://127.0.0.1:5020 holding 45=2025,11,22,13,5,0 --yes
            """,
        version: GrowattBroker.version)

    @Argument(help: endpointHelp)
    var endpoint: String
    @Argument(help: .init("A table, addresses with new values, another table, …", valueName: "values"))
    var words: [String]
    @Flag(name: .shortAndLong, help: "Do not ask before the write.")
    var yes = false
    @Flag(help: "Show the changes, and write nothing.")
    var dryRun = false
    @Option(
        help: .init(
            "16: use this function for single registers, too (default: 6 for one, 16 for more).", valueName: "6|16"))
    var function: String?
    @Option(
        help: .init(
            "high-first or low-first: the word in the first register of a 32-bit value (default: high-first).",
            valueName: "order"))
    var wordOrder: String?
    @OptionGroup var connection: ConnectionOptions

    func start() throws {
        let connectionSettings = try connection.settings(endpoint)
        let order =
            try ConnectionSettings.value("--word-order", wordOrder, allowed: "high-first or low-first") {
                WordOrder(rawValue: $0)
            } ?? .highFirst
        var settings = WriteTool.Settings(try WriteItem.list(words, order: order))
        settings.order = order
        settings.isConfirmed = yes
        settings.isDryRun = dryRun
        settings.wayBackFlags = unitAndPort
        let isMultiple = try ConnectionSettings.value("--function", function, allowed: "6 or 16") { text in
            ["6", "16"].contains(text) ? text == "16" : nil
        }
        settings.usesMultiple = isMultiple ?? false
        if isMultiple == false, settings.items.contains(where: { $0.registers.count > 1 }) {
            throw ToolError.usage("--function 6 writes one register; expected 16 for more")
        }
        settings.isBroadcast = connectionSettings.unit.isBroadcast
        if settings.isBroadcast, !yes, !dryRun {
            throw ToolError.usage("--unit 0 writes to all units, and nothing can be read back; expected --yes with it")
        }
        try withConnection(connectionSettings) { connection, interruption, output in
            try WriteTool(settings, connection, interruption, output).run()
        }
    }

    /// The flags that lead to the same unit again; the endpoint has the rest.
    private var unitAndPort: String { connection.unit.map { " --unit \($0)" } ?? "" }
}
