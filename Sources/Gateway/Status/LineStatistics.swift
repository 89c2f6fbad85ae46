internal import Broker
internal import Modbus

/// What happened on one line since it is there, counted from the events of the core. On the event loop only.
struct LineStatistics {
    struct Unit {
        var outcomes = OutcomeCounts()
        var lastReply: Instant?
        /// From transmission to the end of the reply.
        var replyTime = TimeFigures()
    }

    /// By their own numbers.
    private(set) var units = [Unit?](repeating: nil, count: 256)
    /// Of exchanges that were on the line.
    private(set) var recent = RecentOutcomes()
    private(set) var retries = 0
    private(set) var attemptsFailed = 0
    private(set) var foreignFrames = 0
    private(set) var lateReplies = 0
    private(set) var noiseBytes = 0
    /// Writes of the dongle that would start a firmware update.
    private(set) var firmwareWritesRefused = 0
    /// When the port was opened or lost last; nil: never.
    private(set) var changed: Instant?
    private(set) var lossReason: String?

    mutating func note(_ event: BrokerEvent, at now: Instant) {
        switch event {
        case .finished(let exchange, _): note(exchange, at: now)
        case .transmitted(_, .retry, _): retries += 1
        case .attemptFailed: attemptsFailed += 1
        case .discarded(let bytes, _, let reason): note(bytes.count, reason)
        case .line(.opened):
            changed = now
            lossReason = nil
        case .line(.closed(let reason)):
            changed = now
            lossReason = reason
        case .refused(_, .access(.forbiddenRegister), _): firmwareWritesRefused += 1
        case .request, .transmitted, .line, .passthrough, .refused, .client, .donglePort, .admission: break
        }
    }

    private mutating func note(_ exchange: Exchange, at now: Instant) {
        guard exchange.source != .shared, exchange.source == .bus || exchange.attempts > 0 else { return }
        let number = Int(exchange.query.lineUnit.rawValue)
        var unit = units[number] ?? Unit()
        unit.outcomes.note(exchange.result)
        if case .success = exchange.result {
            unit.lastReply = exchange.finished
            if let time = exchange.replyTime { unit.replyTime.note(time) }
        }
        units[number] = unit
        recent.note(exchange.result, at: now)
    }

    private mutating func note(_ count: Int, _ reason: BrokerEvent.DiscardReason) {
        switch reason {
        case .foreign: foreignFrames += 1
        case .late, .afterDeadline: lateReplies += 1
        case .noise, .unconfirmedWrite: noiseBytes += count
        // A passthrough counts what it loses itself.
        case .echo, .echoProbe, .probe, .portClosed: break
        }
    }
}
