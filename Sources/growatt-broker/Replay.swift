internal import ArgumentParser
internal import Gateway
internal import Settings
internal import Tools
internal import WireLog

/// The requests of a recording, asked again of any Modbus TCP server.
struct Replay: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send the requests of a recording to a Modbus TCP server, and compare the answers.",
        usage: "growatt-broker replay --as-client <file> --tcp <host:port> [<options>]",
        discussion: """
            replay sends one request at a time, at the instant of the recording, or at once if it is late. It sends no \
            writes without --writes, because they change the inverter. Ctrl-C ends the comparison, and replay reports \
            the answers so far. Differences are a result, and the exit status is 0.

            To let a recording answer: growatt-broker run --mode replay

            Examples:
              growatt-broker replay --as-client wire.jsonl --tcp 127.0.0.1:5020
              growatt-broker replay --as-client wire.gz --tcp 127.0.0.1:5020 --json
            """,
        version: GrowattBroker.version)

    @Option(
        help: .init(
            "The recording: a wire log or a capture, plain or gzip; - is the standard input.", valueName: "file"))
    var asClient: String
    @Option(help: .init("The server.", valueName: "host:port"))
    var tcp: String
    @Option(
        help: .init("The speed of its time, 0.01 to 10000, or max: no pauses (default: 1).", valueName: "factor|max"))
    var speed: String?
    @Flag(help: "Also send the writes.")
    var writes = false
    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var only: LineOption

    func start() throws {
        let settings = try ReplaySettings(recording: asClient, server: tcp, speed: speed)
        let interruption = Interruption()
        interruption.takeSignals()
        var questions = try ReplayQuestions(settings, writes: writes, interruption)
        defer { questions.close() }
        StandardStreams.printError("asking \(settings.server) what is in \(settings.recording); Ctrl-C ends it")
        let show = { (comparison: ReplayComparison) in
            StandardStreams.print(json ? comparison.json : comparison.text)
        }
        var pairing = ExchangePairing()
        func ask(_ exchange: RecordedExchange) {
            questions.ask(exchange)
            // The rest of the file may be long.
            if interruption.isRaised {
                show(questions.comparison)
                Main.end()
            }
        }
        let summary = try readRecordings([settings.recording], line: only.line) { line in pairing.take(line, ask) }
        pairing.end(ask)
        for note in summary.notes { StandardStreams.printError(note) }
        let hasNone = questions.failure == nil && !questions.comparison.isOfSomething
        if hasNone { throw GatewayError.noRequest(settings.recording) }
        show(questions.comparison)
        if let failure = questions.failure { throw failure }
    }
}
