package import Broker
package import Modbus

/// Whatever answers as a unit does: from a dataset, or from a recording.
package protocol SimulatedUnit: AnyObject {
    /// Executes a request.
    ///
    /// - Returns: the reply, which may be an exception; nil: nothing is heard of it.
    func answer(_ request: PDU, at now: Instant) -> PDU?

    /// From the request to its reply; nil: as long as the simulation is set to.
    func replyTime(to request: PDU) -> Duration?

    /// Brings what changes with time up to date.
    func advance(to now: Instant)
}

extension DatasetUnit: SimulatedUnit {
    package func replyTime(to request: PDU) -> Duration? { nil }
}
