internal import ArgumentParser
internal import Growatt
internal import Reports
internal import Text

extension Compaction.Statistic: ExpressibleByArgument {}

/// Recordings to a dataset.
struct Compact: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a dataset of wire logs and captures: one value of each register that clients read.",
        usage: "growatt-broker compact <file> ... --out <path> [<options>]",
        discussion: """
            The files are wire logs, logs of the Python prototype and captures, in any mixture, plain or gzip; - reads \
            stdin.

            Examples:
              growatt-broker compact wire.jsonl --out inverter.dataset.json
              growatt-broker compact wire.jsonl.1.gz wire.jsonl --stat median --out my.json
            """,
        version: GrowattBroker.version)

    @Argument(help: .init("Recordings, in the order of their time.", valueName: "file"))
    var files: [String]

    @Option(help: .init("The dataset's file; - for stdout.", valueName: "path"))
    var out: String

    @Option(help: .init("The value that the dataset gets of a register.", valueName: "statistic"))
    var stat = Compaction.Statistic.last

    @Flag(help: "Replace the dataset if there is one.")
    var force = false

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var only: LineOption

    func start() throws {
        if out != "-" { try WholeFile.check(output: out, inputs: files, replacing: force) }
        var compaction = Compaction(stat)
        let summary = try readRecordings(files, line: only.line) { compaction.take($0) }
        compaction.end()
        let result = compaction.result(of: files, summary)
        guard !result.isEmpty else {
            throw NothingToDo("\(files.joined(separator: ", ")): no read with a reply in it; no dataset was written")
        }
        if out == "-" {
            StandardStreams.printWhole(result.dataset.json)
        } else {
            try result.dataset.write(to: out, replacing: force)
            StandardStreams.printWhole(json ? result.json(out) : Array((result.text(out) + "\n").utf8))
        }
    }
}

/// The input has nothing of what was asked for.
struct NothingToDo: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
