/// A client has connected or left.
package enum ClientEvent: Sendable {
    /// The facts about a client that has left.
    package struct Stay: Hashable, Sendable {
        package let length: Duration
        package let requests: Int
        /// nil: unknown.
        package let reason: String?

        package init(length: Duration, requests: Int, reason: String?) {
            self.length = length
            self.requests = requests
            self.reason = reason
        }
    }

    case came(Client)
    case left(Client, Stay)

    package var client: Client {
        switch self {
        case .came(let client), .left(let client, _): client
        }
    }
}

/// A connected client: its start, the number of its requests, and its reason to leave. On the event loop only.
package final class ClientVisit {
    package let client: Client
    private let came: Instant
    private var requests = 0
    /// The first reason holds: later ones are its consequences.
    private(set) var reason: String?

    /// The client connects now.
    package init(of client: Client, at now: Instant) {
        self.client = client
        came = now
    }

    /// Counts its requests.
    package func note(_ event: BrokerEvent) {
        if case .request = event { requests += 1 }
    }

    /// The client will have to leave for this reason.
    package func explain(_ reason: String?) { self.reason = self.reason ?? reason }

    /// The facts, for a client that leaves now.
    package func stay(until now: Instant) -> ClientEvent.Stay {
        ClientEvent.Stay(length: now - came, requests: requests, reason: reason)
    }
}
