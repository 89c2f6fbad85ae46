internal import ArgumentParser
internal import Growatt
internal import Modbus
internal import Text
internal import Tools

/// All registers of a unit, found out by asking.
struct Scan: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out which registers a unit has, and write them as a dataset.",
        discussion: """
            Without ranges, scan reads those of the known inverter families; with ranges, it reads only these. It cuts a \
            block that the unit refuses until the missing registers are known. After Ctrl-C, OUT.partial has the \
            registers found so far, and the same command continues from there. docs/tools.md has more.

            Examples:
              growatt-broker scan /dev/ttyUSB0 --out my.dataset.json
              growatt-broker scan tcp://127.0.0.1:5020 --input 3000-3374 --out input.json
            """,
        version: GrowattBroker.version)

    @Argument(help: endpointHelp)
    var endpoint: String
    @Option(help: .init("The dataset.", valueName: "path"))
    var out = "scan.dataset.json"
    @Option(help: .init("Ranges of holding registers, such as 0-124,3000-3124.", valueName: "ranges"))
    var holding: String?
    @Option(help: .init("Ranges of input registers.", valueName: "ranges"))
    var input: String?
    @Option(help: .init("Ranges of Growatt's smart-meter block.", valueName: "ranges"))
    var meter: String?
    @Option(help: .init("The most registers in one read, 1 to 125 (default: 125).", valueName: "n"))
    var block: String?
    @Flag(help: "Do not continue from OUT.partial of an unfinished scan.")
    var restart = false
    @Flag(help: "Replace the dataset if there is one.")
    var force = false
    @OptionGroup var connection: ConnectionOptions

    func start() throws {
        var connectionSettings = try connection.settings(endpoint)
        guard (1...247).contains(connectionSettings.unit.rawValue) else {
            throw ToolError.usage("--unit \"\(connectionSettings.unit)\": expected 1 to 247, one unit")
        }
        // The scan repeats by itself what is not answered.
        if connection.retries == nil { connectionSettings.retries = 0 }
        let settings = try settings
        try WholeFile.check(output: out, replacing: force)
        try withConnection(connectionSettings) { connection, _, output in
            try ScanTool(settings, connection, output).run()
        }
    }

    private var settings: ScanTool.Settings {
        get throws {
            var settings = ScanTool.Settings(out: out, version: "growatt-broker \(GrowattBroker.version)")
            let texts: [(RegisterTable, String?)] = [(.holding, holding), (.input, input), (.meter, meter)]
            if texts.contains(where: { $0.1 != nil }) { settings.ranges = [] }
            for (table, text) in texts {
                let ranges = try ConnectionSettings.value("--\(table.rawValue)", text, allowed: AddressRanges.allowed) {
                    AddressRanges.list($0)
                }
                settings.ranges += (ranges ?? []).map { ScanPlan.Range(table, $0) }
            }
            settings.block = try ConnectionSettings.number("--block", block, in: 1...125) ?? settings.block
            settings.isRestart = restart
            return settings
        }
    }
}
