internal import Broker

/// What clients asked since the start, by their address. On the event loop only.
struct ClientStatistics {
    /// All clients of one address.
    struct Figures {
        let kind: Client.Kind
        var outcomes = OutcomeCounts()
        var lastRequest = Instant.start
        var waiting = TimeFigures()
    }

    /// More are counted together, as `others`.
    private static let mostClients = 256
    private static let others = "others"

    /// By the address that takes turns as one (R13).
    private(set) var clients: [String: Figures] = [:]

    mutating func note(_ event: BrokerEvent, at now: Instant) {
        switch event {
        case .request(let query): note(query.client) { $0.lastRequest = now }
        case .finished(let exchange, _):
            note(exchange.query.client) {
                $0.outcomes.note(exchange.result)
                if exchange.attempts > 0 { $0.waiting.note(exchange.waitingTime) }
            }
        case .transmitted, .attemptFailed, .discarded, .line, .passthrough: break
        }
    }

    private mutating func note(_ client: Client, _ change: (inout Figures) -> Void) {
        let isKnown = clients[client.address] != nil || clients.count < Self.mostClients
        let address = isKnown ? client.address : Self.others
        var figures = clients[address] ?? Figures(kind: client.kind)
        change(&figures)
        clients[address] = figures
    }
}
