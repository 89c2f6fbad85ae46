package import Modbus

/// How a line stands at one moment.
package struct BusStatus: Hashable, Sendable {
    /// Whether its port is open.
    package var isOpen: Bool
    /// How many queries wait for their turn.
    package var waiting: Int
    /// The most that may wait.
    package var capacity: Int
    /// Units that do not answer, whose reads are answered at once (R11).
    package var silentUnits: [UnitIdentifier]
    /// Units of which something has come, and that are not silent.
    package var liveUnits: [UnitIdentifier]
    /// Whether its adapter is known to hear what it transmits (R16).
    package var hearsItself: Bool
}

extension BusMachine {
    var status: BusStatus {
        BusStatus(
            isOpen: isOpen, waiting: queue.count, capacity: settings.queueCapacity, silentUnits: health.silent,
            liveUnits: health.live, hearsItself: echo.knowledge == .present)
    }
}
