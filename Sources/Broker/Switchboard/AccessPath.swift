package import Modbus

/// The way of a client's queries to the lines.
package protocol QueryPath: Backend {
    /// - Parameter unit: by the number that the client knows.
    /// - Returns: the line and the unit's number there; nil: there is no way to it.
    func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination?
}

/// The way of the clients of one listener, or of a dongle: the units that they reach, and what they may do.
///
/// A ``Switchboard`` makes it, and a plan leads it to lines. Until then it reaches none.
package final class AccessPath: QueryPath {
    package let policy: AccessPolicy
    /// What holds from the next query on.
    var routes = RouteTable.none

    /// - Parameters:
    ///   - next: gets the queries that its policy lets pass.
    ///   - name: as reports call it.
    ///   - observe: told of each query that is refused.
    package init(
        to next: any Backend, name: String = "", timeline: any Timeline,
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) {
        policy = AccessPolicy(.init(), name: name, timeline: timeline, next: next, observe: observe)
    }

    package func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination? {
        routes.destination(of: unit, isRead: isRead)
    }

    package func submit(_ query: Query, for owner: any QueryOwner) { policy.submit(query, for: owner) }

    package func withdraw(_ query: Query) { policy.withdraw(query) }
}

extension Query {
    /// A client's request, bound to the line that its path leads to now.
    init(
        number: UInt64, client: Client, _ unit: UnitIdentifier, _ pdu: PDU, by path: any QueryPath, arrived: Instant,
        deadline: Instant?
    ) {
        let isRead = pdu.function.isRead
        self.init(
            number: number, client: client, unit: unit, destination: path.destination(of: unit, isRead: isRead),
            pdu: pdu, isRead: isRead, arrived: arrived, deadline: deadline)
    }
}
