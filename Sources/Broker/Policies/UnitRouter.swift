package import Modbus

/// Which line a unit is on, and what it is called there.
///
/// A query goes to its line with the unit's own number, and its reply comes back with the number that the client knows.
/// A unit that is on no line has no way to it (0x0A, R10).
package final class UnitRouter: Backend {
    /// One line, and the units that are reached through it.
    package struct Route {
        package let line: Line
        package var backend: any Backend
        /// Each unit's own number by the one that clients know; nil: every unit that no other route names, by its own.
        package let units: [UnitIdentifier: UnitIdentifier]?

        package init(to line: Line, _ backend: any Backend, units: [UnitIdentifier: UnitIdentifier]? = nil) {
            self.line = line
            self.backend = backend
            self.units = units
        }
    }

    private let timeline: any Timeline
    /// What holds from the next query on. What an earlier backend was handed is still that one's to complete.
    ///
    /// Where several routes could be meant, the first one is.
    package var routes: [Route]

    package init(_ routes: [Route], timeline: any Timeline) {
        self.routes = routes
        self.timeline = timeline
    }

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        guard let (backend, destination) = way(of: query.unit) else {
            done(.failed(query, .unavailable, at: timeline.now))
            return
        }
        if destination.unit == query.unit {
            backend.submit(query) { done($0.from(destination)) }
        } else {
            backend.submit(query.addressed(to: destination.unit)) { done($0.from(destination, for: query)) }
        }
    }

    /// Whichever line has it; the others know nothing of it.
    package func withdraw(_ id: Query.ID) {
        for route in routes { route.backend.withdraw(id) }
    }

    private func way(of unit: UnitIdentifier) -> (any Backend, Destination)? {
        for route in routes {
            if let own = route.units?[unit] { return (route.backend, Destination(line: route.line, unit: own)) }
        }
        return routes.first { $0.units == nil }.map { ($0.backend, Destination(line: $0.line, unit: unit)) }
    }
}

extension Query {
    /// The same query, to a unit by another number.
    fileprivate func addressed(to unit: UnitIdentifier) -> Query {
        Query(id: id, client: client, unit: unit, pdu: pdu, isRead: isRead, arrived: arrived, deadline: deadline)
    }
}
