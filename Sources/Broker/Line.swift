package import Modbus

/// A line of the broker by name, as events and messages call it. One object for each, compared by identity.
package final class Line: Sendable {
    package let name: String

    package init(name: String) {
        self.name = name
    }
}

/// Where a query went: a line, and the unit's number there, which need not be the one that the client knows.
package struct Destination: Sendable {
    package let line: Line
    package let unit: UnitIdentifier
}
