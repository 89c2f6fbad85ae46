internal import Broker
internal import Endpoints
internal import Modbus
internal import Settings
internal import Text
internal import Transport
internal import WireLog

/// The sniff feed of a broker: its lines go to the log as they are, and become lines for a person.
final class FeedSession {
    /// A line that is longer is no wire log.
    private static let longestLine = 1 << 16
    /// A broker sends its first record at once.
    private static let patience: Duration = .seconds(3)
    private static let doubt =
        "and a sniff feed begins with one: is that its Modbus port? The feed is at --sniff (listeners: sniff) of the broker"

    private let connection: FeedConnection
    private let settings: SniffTool.Settings
    private let interruption: Interruption
    private let output: Output
    private let lines = ExchangeLine()
    private var reader = RecordingReader()
    private var pairing = ExchangePairing()
    private var log: AppendedLog?
    private var held: [UInt8] = []
    private var counts = TapReader.Counts()
    private var isFeed = false
    /// Whether the first record is told.
    private var isGreeted = false
    private var isDoubted = false
    /// Whether more came than the first record of every feed.
    private var isHeard = false

    /// - Throws: ``ToolError/cannotOpen(endpoint:reason:)``; ``ToolError/failed(_:)`` if the log cannot be opened.
    init(
        _ address: HostPort, _ settings: SniffTool.Settings, _ interruption: Interruption, _ output: Output
    ) throws(ToolError) {
        connection = try FeedConnection(address)
        self.settings = settings
        self.interruption = interruption
        self.output = output
        do throws(FileError) {
            if let path = settings.log { log = try AppendedLog(path: path) }
        } catch {
            throw .failed(error.description)
        }
    }

    func run(until end: ContinuousClock.Instant?) throws(ToolError) {
        do throws(ToolError) {
            try awaitFirstLine(until: end)
            while end.map({ .now < $0 }) ?? true {
                guard try PolledDescriptors.wait([connection.descriptor], until: end, interruption) != nil else {
                    break
                }
                let bytes = try PolledDescriptors.read(
                    connection.descriptor, named: connection.name, ended: DialFailure.closedByServer)
                try take(bytes)
            }
        } catch {
            output.endLine()
            tellCounts()
            throw error
        }
        tellCounts()
        guard isHeard else {
            let doubt = isFeed || isDoubted ? "" : "; no line came, \(Self.doubt)"
            throw .failed("\(connection.name): nothing was heard\(doubt)")
        }
    }

    /// Waits for the first bytes; if none come, says what the server may be.
    private func awaitFirstLine(until end: ContinuousClock.Instant?) throws(ToolError) {
        let doubt = ContinuousClock.now + Self.patience
        guard end.map({ doubt < $0 }) ?? true else { return }
        guard try PolledDescriptors.wait([connection.descriptor], until: doubt, interruption) == nil else { return }
        isDoubted = true
        output.tell("\(connection.name): no line yet, \(Self.doubt); still listening")
    }

    private func take(_ bytes: [UInt8]) throws(ToolError) {
        held += bytes
        if !isFeed, let first = held.first {
            guard first == UInt8(ascii: "{") else { throw .failed("\(connection.name): \(foreign)") }
            isFeed = true
        }
        while let newline = held.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(held[...newline])
            held.removeFirst(newline + 1)
            try take(line: line)
        }
        guard held.count <= Self.longestLine else { throw .failed("\(connection.name): that is no sniff feed") }
    }

    private var foreign: String {
        let meaning = ServerWords.meaning(of: held, from: .units(hasTransactions: true))
        return "that is no sniff feed" + (meaning.map { "; \($0)" } ?? "")
    }

    private func take(line: [UInt8]) throws(ToolError) {
        do throws(FileError) {
            try log?.append(line)
        } catch {
            throw .failed(error.description)
        }
        if settings.isJSON { try output.write(String(decoding: line, as: UTF8.self)) }
        let opened = reader.open(Array(line.dropLast()), of: connection.name)
        if opened?.event != .sniffFeed { isHeard = true }
        if !isGreeted, opened != nil {
            isGreeted = true
            output.tell("\(connection.name): listening to the broker's sniff feed")
        }
        guard let opened else { return }
        if case .drop = opened.kind { counts.noise += opened.bytes.count }
        if opened.event == .foreignFrame { counts.strayFrames += 1 }
        var ended: [RecordedExchange] = []
        pairing.take(opened) { ended.append($0) }
        for exchange in ended { try tell(exchange) }
    }

    private func tell(_ recorded: RecordedExchange) throws(ToolError) {
        let event = BrokerEvent(recorded)
        if recorded.reply == nil { counts.unanswered += 1 } else { counts.exchanges += 1 }
        if recorded.exceptionCode != nil { counts.exceptions += 1 }
        guard !settings.isJSON, let text = lines.text(of: event) else { return }
        try output.write("\(WallClock.timestamp(recorded.microseconds).dropFirst(11)) \(text.onOneLine)\n")
    }

    private func tellCounts() {
        output.tell(
            "\(counts.exchanges.counted("exchange")), of these \(counts.exceptions.counted("exception")); "
                + "\(counts.unanswered) unanswered, \(counts.strayFrames.counted("stray frame")), "
                + "\(counts.noise.counted("byte")) of noise")
    }
}

extension BrokerEvent {
    /// The end of a query, as far as a wire log tells it.
    fileprivate init(_ recorded: RecordedExchange) {
        let name = recorded.client.name.quotedBriefly
        let client = Client(kind: .tcp, name: name, address: name)
        let arrived = Instant.start + .microseconds(recorded.microseconds)
        let finished = arrived + .microseconds(recorded.duration ?? 0)
        let query = Query(
            number: 0, client: client, unit: recorded.unit, pdu: recorded.request,
            isRead: recorded.request.function.isRead, arrived: arrived, deadline: nil)
        let result: Result<RTUFrame, BrokerError> =
            if let reply = recorded.reply {
                .success(RTUFrame(unit: recorded.answeringUnit ?? recorded.unit, pdu: reply))
            } else {
                .failure(BrokerError(recorded.outcome))
            }
        let sent = recorded.replyTime.map { finished - .microseconds($0) }
        self = .finished(
            Exchange(query: query, result: result, source: .bus, attempts: 1, sent: sent, finished: finished),
            recorded.outcome == .superseded ? .superseded : .delivered)
    }
}

extension BrokerError {
    fileprivate init(_ outcome: WireLogOutcome?) {
        self =
            switch outcome {
            case .expired: .expired
            case .notSent: .withdrawn
            case .refused: .refused(.illegalFunction)
            case .ok, .exception, .timeout, .superseded, nil: .noReply
            }
    }
}
