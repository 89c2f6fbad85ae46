internal import Broker

/// What clients asked since the start, by their address. On the event loop only.
struct ClientStatistics {
    /// All clients of one address.
    struct Figures {
        /// nil: of several kinds, perhaps.
        let kind: Client.Kind?
        var outcomes = OutcomeCounts()
        var recent = RecentOutcomes()
        var lastRequest = Instant.start
        var waiting = TimeFigures()

        mutating func add(_ other: Figures) {
            outcomes.add(other.outcomes)
            recent.add(other.recent)
            lastRequest = max(lastRequest, other.lastRequest)
            waiting.add(other.waiting)
        }
    }

    /// The most that are told apart. A new one takes the place of the one that has asked nothing for longest.
    private static let mostClients = 256

    /// By the address that takes turns as one (R13).
    private(set) var clients: [String: Figures] = [:]
    /// All those together that have no place, or have lost it; nil: there are none.
    private(set) var others: Figures?
    /// The addresses that never lose their place.
    var kept: Set<String> = []

    mutating func note(_ event: BrokerEvent, at now: Instant) {
        switch event {
        case .request(let query):
            makePlace(for: query.client)
            note(query.client) { $0.lastRequest = now }
        case .finished(let exchange, _):
            note(exchange.query.client) {
                $0.outcomes.note(exchange.result)
                $0.recent.note(exchange.result, at: now)
                if exchange.attempts > 0 { $0.waiting.note(exchange.waitingTime) }
            }
        case .transmitted, .attemptFailed, .discarded, .line, .passthrough, .refused, .client, .donglePort, .admission:
            break
        }
    }

    private mutating func makePlace(for client: Client) {
        guard clients.count >= Self.mostClients, clients[client.address] == nil, let quietest else { return }
        clients[quietest.key] = nil
        noteOther { $0.add(quietest.value) }
    }

    /// Of those that may lose their place. The addresses decide between equals: a dictionary is in no order.
    private var quietest: (key: String, value: Figures)? {
        clients.lazy.filter { !kept.contains($0.key) }
            .min { ($0.value.lastRequest, $0.key) < ($1.value.lastRequest, $1.key) }
    }

    private mutating func note(_ client: Client, _ change: (inout Figures) -> Void) {
        guard clients.count < Self.mostClients || clients[client.address] != nil else { return noteOther(change) }
        change(&clients[client.address, default: Figures(kind: client.kind)])
    }

    private mutating func noteOther(_ change: (inout Figures) -> Void) {
        var figures = others ?? Figures(kind: nil)
        change(&figures)
        others = figures
    }
}
