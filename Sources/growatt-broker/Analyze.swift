internal import ArgumentParser
internal import Reports
internal import Text
internal import WireLog

/// What a recording teaches.
struct Analyze: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Report what wire logs and captures show: clients, reply times, timeouts, writes, use of the line.",
        usage: "growatt-broker analyze <file> ... [<options>]",
        discussion: """
            The files are wire logs, logs of the Python prototype and captures, in any mixture, plain or gzip; - reads \
            stdin.

            Examples:
              growatt-broker analyze wire.jsonl
              growatt-broker analyze wire.jsonl.1.gz wire.jsonl --html report.html
              zcat old/*.gz | growatt-broker analyze - --json
            """,
        version: GrowattBroker.version)

    @Argument(help: .init("Recordings, in the order of their time.", valueName: "file"))
    var files: [String]

    @Flag(help: "Print JSON; docs/analyze.md has the schema.")
    var json = false

    @Option(help: .init("Also write a page with charts to this file.", valueName: "path"))
    var html: String?

    @Flag(help: "Replace the page if there is one.")
    var force = false

    @OptionGroup var only: LineOption

    func start() throws {
        if let html { try WholeFile.check(output: html, inputs: files, replacing: force) }
        var analysis = Analysis()
        let summary = try readRecordings(files, line: only.line) { analysis.take($0) }
        analysis.end()
        guard summary.wireLogLines + summary.captureLines > 0 else {
            throw NothingToDo("\(files.joined(separator: ", ")): no line of a wire log or a capture in it")
        }
        if let html {
            let page = AnalysisPage(analysis, summary, files: files).html
            try WholeFile.write(Array(page.utf8), to: html, replacing: force)
        }
        if json {
            StandardStreams.printWhole(analysis.json(summary))
        } else {
            StandardStreams.printWhole(Array((AnalysisText(analysis, summary).text + "\n").utf8))
        }
    }
}
