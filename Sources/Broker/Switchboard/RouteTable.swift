internal import Modbus

/// Where the units of a path are, by the numbers that clients know.
///
/// Units that no route names, unit 0 too, are on the first line that takes every unit by its own number. Where several
/// routes name a unit, the first one holds.
///
/// A route never turns a broadcast into a write to one unit: a write to unit 0 goes to a line whose unit 0 it is, wherever
/// reads of unit 0 go.
struct RouteTable {
    /// One line, and the units that are reached through it.
    struct Route {
        let line: LineNumber
        /// Each unit's own number by the one that clients know; nil: every unit that no other route names, by its own.
        let units: [UnitIdentifier: UnitIdentifier]?
    }

    /// One for each number of a unit; empty: there is no way to any.
    private let destinations: [Destination?]
    private let ofBroadcasts: Destination?

    /// No unit can be reached.
    static let none = RouteTable([])

    init(_ routes: [Route]) {
        destinations =
            routes.isEmpty
            ? [] : (0...UInt8.max).map { Self.destination(of: UnitIdentifier(rawValue: $0), routes) { _ in true } }
        ofBroadcasts = Self.destination(of: .broadcast, routes) { $0.isBroadcast }
    }

    /// - Returns: nil: there is no way to it.
    func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination? {
        if unit.isBroadcast, !isRead { return ofBroadcasts }
        return destinations.isEmpty ? nil : destinations[Int(unit.rawValue)]
    }

    private static func destination(
        of unit: UnitIdentifier, _ routes: [Route], where isMeant: (UnitIdentifier) -> Bool
    ) -> Destination? {
        for route in routes {
            guard let own = route.units?[unit], isMeant(own) else { continue }
            return Destination(line: route.line, unit: own)
        }
        return routes.first { $0.units == nil }.map { Destination(line: $0.line, unit: unit) }
    }
}
