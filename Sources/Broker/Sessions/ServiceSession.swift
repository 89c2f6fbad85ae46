package import Modbus

/// The queries of a service of the broker's own process, such as an HTTP server, which asks for others.
///
/// On the thread of the core only, as all sessions.
package final class ServiceSession {
    /// The most queries that are worked on at once; further ones are refused as overloaded.
    package static let maximumOutstanding = 16

    private struct Running {
        let query: Query
        let done: (Result<PDU, BrokerError>) -> Void
        var isWithdrawn = false
    }

    private let client: Client
    private let path: any QueryPath
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private var running: [Running] = []

    /// - Parameter observe: told of each query and of its end.
    package init(
        client: Client, path: any QueryPath, timeline: any Timeline, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.client = client
        self.path = path
        self.timeline = timeline
        self.observe = observe
    }

    /// How many queries are worked on, 0–16.
    package var outstanding: Int { running.count }

    /// Asks a unit.
    ///
    /// - Parameters:
    ///   - number: another one for each query of the session.
    ///   - unit: by the number that clients know.
    ///   - timeToAnswer: from now to the deadline.
    ///   - done: called once, with the reply, which may be an exception, or with the reason why there is none.
    package func ask(
        _ number: UInt64, _ pdu: PDU, of unit: UnitIdentifier, timeToAnswer: Duration,
        _ done: @escaping (Result<PDU, BrokerError>) -> Void
    ) {
        let now = timeline.now
        let query = Query(
            number: number, client: client, unit, pdu, by: path, arrived: now, deadline: now + timeToAnswer)
        observe(.request(query))
        let hasRoom = running.count < Self.maximumOutstanding
        running.append(Running(query: query, done: done))
        if let refusal = hasRoom ? pdu.refusalAsRequest : .overloaded {
            finished(.failed(query, refusal, at: now))
        } else {
            path.submit(query, for: self)
        }
    }

    /// The reply is not wanted: what was not sent is dropped. Nothing happens for a query that has ended.
    package func withdraw(_ number: UInt64) {
        let id = Query.ID(client: client, number: number)
        guard let index = running.firstIndex(where: { $0.query.id == id }) else { return }
        running[index].isWithdrawn = true
        path.withdraw(running[index].query)
    }
}

extension ServiceSession: QueryOwner {
    package func finished(_ exchange: Exchange) {
        let id = exchange.query.id
        guard let index = running.firstIndex(where: { $0.query.id == id }) else { return }
        let entry = running.remove(at: index)
        observe(.finished(exchange, entry.isWithdrawn ? .suppressed : .delivered))
        entry.done(exchange.result.map(\.pdu))
    }
}
