internal import Broker

/// Answers without an exchange do not make a TCP client spin (R8): ten a second, and no refusal for a full queue before
/// its deadline.
struct PaceCheck {
    private static let most = 10

    private let verdict: Verdict
    /// The instants of the latest ten such answers of each connection. Holds the clients, because names are reused.
    private var told: [ObjectIdentifier: (client: Client, instants: [Instant])] = [:]

    init(verdict: Verdict) {
        self.verdict = verdict
    }

    mutating func delivered(_ exchange: Exchange, at now: Instant) {
        let query = exchange.query
        guard query.client.kind == .tcp, exchange.source == .broker, exchange.sent == nil,
            case .failure(let error) = exchange.result
        else { return }
        let deadline = query.deadline ?? .distantFuture
        switch error {
        case .overloaded:
            verdict.check("R8", now >= deadline, "refused before its deadline: \(query.summary)")
        // At its deadline an answer leaves before its turn, and so may come between two that were told to wait before it.
        case .silentUnit, .restingRange, .unavailable, .lent: if now < deadline { note(query, at: now) }
        default: break
        }
    }

    private mutating func note(_ query: Query, at now: Instant) {
        let name = ObjectIdentifier(query.client)
        var instants = told[name]?.instants ?? []
        if instants.count == Self.most {
            let first = instants.removeFirst()
            verdict.check(
                "R8", now - first >= .seconds(1), "more than ten answers without the line: \(query.summary)")
        }
        told[name] = (query.client, instants + [now])
    }
}
