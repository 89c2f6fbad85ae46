internal import ArgumentParser
internal import Reports

/// What differs between two datasets or recordings.
struct Diff: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two datasets or recordings: registers added, removed and changed.",
        discussion: """
            A recording is a wire log or a capture, plain or gzip; its registers have ranges of values.

            Examples:
              growatt-broker diff before.dataset.json after.dataset.json
              growatt-broker diff yesterday.jsonl.gz today.jsonl
            """,
        version: GrowattBroker.version)

    @Argument(help: .init("A dataset or a recording.", valueName: "a"))
    var before: String

    @Argument(help: .init("Another dataset or recording.", valueName: "b"))
    var after: String

    @Flag(help: "Print JSON; docs/files.md has the schema.")
    var json = false

    @OptionGroup var only: LineOption

    func start() throws {
        let sides = try [before, after].map { path in
            try ComparedRegisters(path: path) { path, take in try readRecordings([path], line: only.line, take) }
        }
        let comparison = Comparison(sides[0], sides[1])
        StandardStreams.printWhole(json ? comparison.json : Array((comparison.text + "\n").utf8))
    }
}
