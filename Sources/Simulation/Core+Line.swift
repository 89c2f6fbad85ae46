internal import Broker
internal import Modbus
internal import Simulator

extension Core {
    /// One line, as it is put in.
    struct CoreLine {
        let line: Line
        let settings: BusSettings
        let link: any BusLink
        var units: [UnitIdentifier: UnitIdentifier]?
        /// What clients may read of it.
        var reads = ReadRules()
        /// The most registers of a read, and of single units.
        var readLimit: UInt16?
        var unitLimits: [UnitIdentifier: UInt16] = [:]
        /// Puts something around the bus, in front of the routers; it keeps the bus alive.
        var wrap: (Bus) -> any Backend = { $0 }

        func divide(
            _ next: any Backend, _ timeline: VirtualTimeline, observe: @escaping (BrokerEvent) -> Void
        ) -> ReadDivision {
            let division = ReadDivision(
                readLimit, timeline: timeline, next: next, observe: observe)
            division.unitLimits = unitLimits
            return division
        }

        /// What holds for the clients of all listeners.
        func policy(before next: any Backend, _ timeline: VirtualTimeline) -> AccessPolicy {
            var access = AccessPolicy.Settings()
            access.allowsBroadcast = true
            access.reads = reads
            return AccessPolicy(access, timeline: timeline, next: next)
        }
    }
}
