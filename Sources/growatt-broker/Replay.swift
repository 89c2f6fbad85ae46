internal import ArgumentParser
internal import Gateway
internal import Modbus
internal import Recording
internal import Settings
internal import Tools

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
        var connection = ConnectionSettings(.modbusTCP(settings.server))
        // Each request counts once, as it did in the recording.
        connection.retries = 0
        try withConnection(connection) { connection, _, _ in try replay(settings, connection) }
    }

    private func replay(_ settings: ReplaySettings, _ connection: UnitConnection) throws {
        var comparison = ReplayComparison()
        var pace = ReplayPace(speed: settings.speed)
        var pairing = ExchangePairing()
        var failure: (any Error)?
        func ask(_ exchange: RecordedExchange) {
            guard failure == nil else { return }
            guard writes || RegisterTable.shapes.isRead(exchange.request.function) else { return comparison.omit() }
            do {
                try connection.pause(until: pace.instant(of: exchange.microseconds))
                let began = ContinuousClock.now
                let answer = try connection.ask(exchange.request, unit: exchange.unit)
                if answer == .nothing(wasSent: false) { throw GatewayError.connectionLost("\(settings.server)") }
                comparison.note(
                    exchange, answer.pdu(to: exchange.request),
                    microseconds: Int64((ContinuousClock.now - began) / .microseconds(1)))
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

/// When the requests of a recording are due.
private struct ReplayPace {
    /// nil: at once.
    let speed: Double?
    private var start: (recorded: Int64, now: ContinuousClock.Instant)?

    init(speed: Double?) {
        self.speed = speed
    }

    mutating func instant(of microseconds: Int64) -> ContinuousClock.Instant {
        guard let speed else { return .now }
        let start = start ?? (microseconds, .now)
        self.start = start
        return start.now + .microseconds(Double(microseconds - start.recorded) / speed)
    }
}

extension Answer {
    /// As it is on a line; nil: there is none.
    fileprivate func pdu(to request: PDU) -> PDU? {
        switch self {
        case .reply(let pdu): pdu
        case .exception(let code): PDU(exception: code, to: request.function)
        case .nothing: nil
        }
    }
}
