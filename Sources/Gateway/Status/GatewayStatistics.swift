internal import Broker
internal import Modbus

/// What happened since the start, counted from the events of the core. On the event loop only.
struct GatewayStatistics {
    /// How often each end of a request came.
    struct Outcomes {
        var answered = 0
        var exceptions = 0
        /// Without a reply in time, or none that fits.
        var timeouts = 0
        /// Not sent: busy, refused by the policy, malformed, no line, stopping or withdrawn.
        var notSent = 0

        mutating func note(_ result: Result<RTUFrame, BrokerError>) {
            switch result {
            case .success(let frame):
                if frame.pdu.exceptionCode == nil { answered += 1 } else { exceptions += 1 }
            case .failure(.noReply), .failure(.expiredOnLine): timeouts += 1
            case .failure: notSent += 1
            }
        }
    }

    struct Unit {
        var outcomes = Outcomes()
        var lastReply: Instant?
        /// From transmission to the end of the reply.
        var replyTime = TimeFigures()
    }

    /// All clients of one address.
    struct ClientFigures {
        let kind: Client.Kind
        var outcomes = Outcomes()
        var lastRequest = Instant.start
        var waiting = TimeFigures()
    }

    /// More are counted together, as `others`.
    private static let mostClients = 256
    static let others = "others"

    private(set) var units = [Unit?](repeating: nil, count: 256)
    /// By the address that takes turns as one (R13).
    private(set) var clients: [String: ClientFigures] = [:]
    private(set) var retries = 0
    private(set) var attemptsFailed = 0
    private(set) var foreignFrames = 0
    private(set) var lateReplies = 0
    private(set) var noiseBytes = 0
    /// Writes of the dongle that would start a firmware update.
    var firmwareWritesRefused = 0
    /// When the port was opened or lost last; nil: never.
    private(set) var lineChanged: Instant?
    private(set) var lossReason: String?

    mutating func note(_ event: BrokerEvent, at now: Instant) {
        switch event {
        case .request(let query): noteClient(query.client) { $0.lastRequest = now }
        case .finished(let exchange, _): note(exchange)
        case .transmitted(_, .retry, _): retries += 1
        case .transmitted: break
        case .attemptFailed: attemptsFailed += 1
        case .discarded(let bytes, _, let reason): note(bytes.count, reason)
        case .line(.opened):
            lineChanged = now
            lossReason = nil
        case .line(.closed(let reason)):
            lineChanged = now
            lossReason = reason
        case .line, .passthrough: break
        }
    }

    private mutating func note(_ exchange: Exchange) {
        let query = exchange.query
        noteClient(query.client) {
            $0.outcomes.note(exchange.result)
            if exchange.attempts > 0 { $0.waiting.note(exchange.waitingTime) }
        }
        guard exchange.source == .bus || exchange.attempts > 0 else { return }
        var unit = units[Int(query.unit.rawValue)] ?? Unit()
        unit.outcomes.note(exchange.result)
        if case .success = exchange.result {
            unit.lastReply = exchange.finished
            if let time = exchange.busTime { unit.replyTime.note(time) }
        }
        units[Int(query.unit.rawValue)] = unit
    }

    private mutating func note(_ count: Int, _ reason: BrokerEvent.DiscardReason) {
        switch reason {
        case .foreign: foreignFrames += 1
        case .late, .afterDeadline: lateReplies += 1
        case .noise, .unconfirmedWrite: noiseBytes += count
        // A passthrough counts what it loses itself.
        case .echo, .echoProbe, .portClosed: break
        }
    }

    private mutating func noteClient(_ client: Client, _ change: (inout ClientFigures) -> Void) {
        let isKnown = clients[client.address] != nil || clients.count < Self.mostClients
        let address = isKnown ? client.address : Self.others
        var figures = clients[address] ?? ClientFigures(kind: client.kind)
        change(&figures)
        clients[address] = figures
    }
}
