internal import ArgumentParser
internal import Gateway
internal import Glibc
internal import Modbus
internal import Recording
internal import Settings

/// The requests of a recording, asked again of any Modbus TCP server.
struct Replay: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a Modbus TCP server the requests of a recording, and compare the answers.",
        discussion: """
            One request at a time, at the recording's instants, or at once where it is late. Writes are not sent unless
            --writes asks for it: they change the inverter. To let a recording answer: growatt-broker run --mode replay

            Examples:
              growatt-broker replay --as-client wire.jsonl --tcp 127.0.0.1:5020
              growatt-broker replay --as-client wire.jsonl.gz --tcp 127.0.0.1:5020 --speed max --json
            """,
        version: GrowattBroker.version)

    @Option(help: .init("The recording: a wire log or a capture, plain or gzip.", valueName: "file"))
    var asClient: String
    @Option(help: .init("The server.", valueName: "host:port"))
    var tcp: String
    @Option(
        help: .init("How fast its time goes, 0.01 to 10000, or max: no pauses (default: 1).", valueName: "factor|max"))
    var speed: String?
    @Flag(help: "Send the writes as well.")
    var writes = false
    @Flag(help: "Print one JSON object.")
    var json = false

    func start() throws {
        let settings = try ReplaySettings([
            .recording: [asClient], .tcp: [tcp], .speed: speed.map { [$0] } ?? [],
        ])
        let caller = try ModbusTCPCaller(host: settings.server.host, port: settings.server.port, timeout: .seconds(3))
        var comparison = ReplayComparison()
        var pace = ReplayPace(speed: settings.speed)
        var pairing = ExchangePairing()
        var failure: (any Error)?
        func ask(_ exchange: RecordedExchange) {
            guard failure == nil else { return }
            guard writes || RegisterTable.shapes.isRead(exchange.request.function) else { return comparison.omit() }
            pace.wait(for: exchange.microseconds)
            let began = ModbusTCPCaller.now
            do {
                let answer = try caller.ask(exchange.unit, exchange.request)
                comparison.note(
                    exchange, answer, microseconds: Int64((ModbusTCPCaller.now - began) / .microseconds(1)))
            } catch {
                failure = error
            }
        }
        _ = try readRecordings([settings.recording]) { line in pairing.take(line, ask) }
        pairing.end(ask)
        StandardStreams.print(json ? comparison.json : comparison.text)
        if let failure { throw failure }
    }
}

/// Waits for the instants of a recording.
private struct ReplayPace {
    /// nil: never.
    let speed: Double?
    private var start: (recorded: Int64, now: Duration)?

    init(speed: Double?) {
        self.speed = speed
    }

    mutating func wait(for microseconds: Int64) {
        guard let speed else { return }
        let now = ModbusTCPCaller.now
        guard let start else {
            start = (microseconds, now)
            return
        }
        let due = start.now + .microseconds(Double(microseconds - start.recorded) / speed)
        guard due > now else { return }
        let (seconds, attoseconds) = (due - now).components
        var pause = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        nanosleep(&pause, nil)
    }
}
