internal import ArgumentParser
internal import Growatt
internal import Tools

/// Registers of a unit, read once or again and again.
struct Read: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read registers of a unit.",
        discussion: """
            After a table (holding, input, coil, discrete, meter: Growatt's function 0x20) write its addresses: N, N-M or \
            NxCOUNT, decimal or 0x…. An address can have a type: u16, s16, u32, s32, f32, ascii, bits (default: u16). A \
            32-bit value takes two registers. docs/tools.md has more.

            Examples:
              growatt-broker read /dev/ttyUSB0 holding 0-124 input 3001x24
              growatt-broker read tcp://127.0.0.1:5020 input 3001:u32 --every 5s
            """,
        version: GrowattBroker.version)

    @Argument(help: endpointHelp)
    var endpoint: String
    @Argument(help: .init("A table, its addresses, another table, …", valueName: "registers"))
    var words: [String]
    @Option(help: .init("Read again and again, with this period (default: read once).", valueName: "s"))
    var every: String?
    @Option(help: .init("The number of reads with --every (default: until Ctrl-C).", valueName: "n"))
    var count: String?
    @Option(help: .init("table, json (an object a round) or csv (default: table).", valueName: "format"))
    var format: String?
    @Option(
        help: .init(
            "Growatt's groups, 45 or 125: no read has more registers, or crosses a multiple of this number (default: 125 "
                + "anywhere).",
            valueName: "limit"))
    var readLimit: String?
    @Option(
        help: .init(
            "high-first or low-first: the word in the first register of a 32-bit value (default: high-first).",
            valueName: "order"))
    var wordOrder: String?
    @OptionGroup var connection: ConnectionOptions

    func start() throws {
        let connection = try connection.settings(endpoint)
        let settings = try settings
        try withConnection(connection) { connection, _, output in
            try ReadTool(settings, connection, output).run()
        }
    }

    private var settings: ReadTool.Settings {
        get throws {
            var settings = ReadTool.Settings(try RegisterItem.list(words))
            settings.period = try ConnectionSettings.duration(
                "--every", every, in: .milliseconds(10) ... .seconds(86400))
            settings.count = try ConnectionSettings.number("--count", count, in: 1...1_000_000_000)
            if settings.count != nil, settings.period == nil {
                throw ToolError.usage("--count has no meaning without --every")
            }
            settings.format =
                try ConnectionSettings.value("--format", format, allowed: "table, json or csv") {
                    ReadFormat(rawValue: $0)
                } ?? settings.format
            settings.limit =
                try ConnectionSettings.value("--read-limit", readLimit, allowed: "45 or 125") { text in
                    text == ReadLimits.none.rawValue ? nil : ReadLimits(rawValue: text)
                } ?? settings.limit
            settings.order =
                try ConnectionSettings.value("--word-order", wordOrder, allowed: "high-first or low-first") {
                    WordOrder(rawValue: $0)
                } ?? settings.order
            return settings
        }
    }
}
