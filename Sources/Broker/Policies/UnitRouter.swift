package import Modbus

/// Which line a unit is on, and what it is called there.
///
/// A query goes to its line with the unit's own number, and its reply comes back with the number that the client knows.
/// A query for a unit on no line gets 0x0A (R10). Units that no route names, unit 0 too, go to the line that takes every
/// unit by its own number.
///
/// A route never turns a broadcast into a write to one unit. A write to unit 0 is a broadcast, wherever reads of unit 0
/// go. A write to a unit that is 0 on its line is a broadcast, too, and needs a permission.
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
    /// Whether clients may write to a unit that is 0 on its line, which reaches all units there (R10).
    package var allowsBroadcast = false
    /// Called with each such write that the router refuses, before its completion.
    package var whenRefused: (Query) -> Void = { _ in }
    /// Who has each query that has not been completed. Only looked up.
    private var running: [Query.ID: any Backend] = [:]

    package init(_ routes: [Route] = [], timeline: any Timeline) {
        self.routes = routes
        self.timeline = timeline
    }

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        guard let (backend, destination) = way(of: query) else {
            done(.failed(query, .unavailable, at: timeline.now))
            return
        }
        // Decided here, because the numbers may have changed since the listener passed it as a write to one unit.
        guard query.isRead || query.isBroadcast || !destination.unit.isBroadcast || allowsBroadcast else {
            whenRefused(query)
            return done(.failed(query, .refused(.illegalFunction), at: timeline.now).from(destination))
        }
        running[query.id] = backend
        if destination.unit == query.unit {
            backend.submit(query) { [self] exchange in
                running[query.id] = nil
                done(exchange.from(destination))
            }
        } else {
            backend.submit(query.addressed(to: destination.unit)) { [self] exchange in
                running[query.id] = nil
                done(exchange.from(destination, for: query))
            }
        }
    }

    /// Only the line that has it is told, by whatever route it went there.
    package func withdraw(_ id: Query.ID) {
        running[id]?.withdraw(id)
    }

    /// The line that a query goes to now; nil: none.
    package func line(of query: Query) -> Line? { way(of: query)?.1.line }

    private func way(of query: Query) -> (any Backend, Destination)? {
        let unit = query.unit
        for route in routes {
            guard let own = route.units?[unit], !query.isBroadcast || own.isBroadcast else { continue }
            return (route.backend, Destination(line: route.line, unit: own))
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
