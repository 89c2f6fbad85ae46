/// The pace of a client's answers that cost the line nothing (R8).
///
/// Without it, a client that asks again at once would spin.
struct AnswerPace {
    /// The most answers without the line that one client gets in a second.
    private static let most = 10

    /// When the latest of these answers go out, oldest first; no more than ``most``.
    private var latest: [Instant] = []

    /// When the answer goes out; it counts as given.
    mutating func time(of exchange: Exchange, at now: Instant) -> Instant {
        guard exchange.source == .broker, exchange.sent == nil, case .failure(let error) = exchange.result else {
            return now
        }
        let deadline = exchange.query.deadline ?? .distantFuture
        switch error {
        case .overloaded: return max(now, deadline)
        case .silentUnit, .restingRange, .unavailable, .lent: return max(now, min(next(after: now), deadline))
        case .noReply, .expiredOnLine, .expired, .refused, .malformed, .stopping, .withdrawn: return now
        }
    }

    private mutating func next(after now: Instant) -> Instant {
        var next = now
        if latest.count == Self.most { next = max(now, latest.removeFirst() + .seconds(1)) }
        latest.append(next)
        return next
    }
}
