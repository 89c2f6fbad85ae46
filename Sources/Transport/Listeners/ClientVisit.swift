package import Broker

/// A client has come in or gone.
package enum ClientEvent: Sendable {
    /// What there is to say of a client that has gone.
    package struct Stay: Hashable, Sendable {
        package let length: Duration
        package let requests: Int
        /// nil: not known.
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

/// A client that is in: since when, how much it has asked, and why it goes. On the event loop only.
final class ClientVisit {
    let client: Client
    private let came: Instant
    private var requests = 0
    /// What is said first holds: what follows are the consequences.
    private(set) var reason: String?

    init(of client: Client, at now: Instant) {
        self.client = client
        came = now
    }

    func note(_ event: BrokerEvent) {
        if case .request = event { requests += 1 }
    }

    /// It will have to go for this reason.
    func explain(_ reason: String?) { self.reason = self.reason ?? reason }

    func stay(until now: Instant) -> ClientEvent.Stay {
        ClientEvent.Stay(length: now - came, requests: requests, reason: reason)
    }
}
