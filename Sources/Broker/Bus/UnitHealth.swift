internal import Modbus

/// Which units answer, and which are not worth waiting for (R11).
///
/// A unit is silent when three queries in a row failed and its last good reply is more than 10 s old, or never came.
/// Its reads are then answered at once, but one a back-off period (1 s, doubling to 60 s) is sent as a probe.
struct UnitHealth {
    private struct Unit {
        var failures = 0
        var lastReply: Instant?
        var isSilent = false
        var backOff: Duration = .zero
        var nextProbe = Instant.distantPast
    }

    private static let failuresUntilSilent = 3
    private static let patience: Duration = .seconds(10)
    private static let firstBackOff: Duration = .seconds(1)
    private static let longestBackOff: Duration = .seconds(60)

    /// One for each unit identifier; unit 0 is counted apart.
    private var units = [Unit](repeating: Unit(), count: 256)
    /// When any unit last answered.
    private var lastReply: Instant?
    private var silentUnits = 0

    /// The silent ones, in their order.
    var silent: [UnitIdentifier] {
        units.indices.filter { units[$0].isSilent }.map { UnitIdentifier(rawValue: UInt8($0)) }
    }

    func isSilent(_ unit: UnitIdentifier) -> Bool { units[Int(unit.rawValue)].isSilent }

    /// Whether a read of this silent unit may go to the line as its probe.
    func isProbeDue(_ unit: UnitIdentifier, at now: Instant) -> Bool {
        units[Int(unit.rawValue)].nextProbe <= now
    }

    /// A read of this silent unit was sent: no other follows before the back-off is over.
    mutating func probeSent(to unit: UnitIdentifier, at now: Instant) {
        units[Int(unit.rawValue)].nextProbe = now + units[Int(unit.rawValue)].backOff
    }

    /// - Returns: whether the unit was silent until now.
    mutating func replied(_ unit: UnitIdentifier, at now: Instant) -> Bool {
        lastReply = now
        let wasSilent = isSilent(unit)
        if wasSilent { silentUnits -= 1 }
        units[Int(unit.rawValue)] = Unit(lastReply: now)
        return wasSilent
    }

    /// A query failed after its retries. Of a silent unit only its reads are probes, and lengthen the back-off.
    ///
    /// - Returns: whether the unit has become silent by this.
    mutating func failed(_ unit: UnitIdentifier, isRead: Bool, at now: Instant) -> Bool {
        var state = units[Int(unit.rawValue)]
        defer { units[Int(unit.rawValue)] = state }
        state.failures += 1
        if state.isSilent {
            guard isRead else { return false }
            state.backOff = min(state.backOff * 2, Self.longestBackOff)
            state.nextProbe = now + state.backOff
            return false
        }
        let isPatient = state.lastReply.map { now - $0 <= Self.patience } ?? false
        guard state.failures >= Self.failuresUntilSilent, !isPatient else { return false }
        state.isSilent = true
        silentUnits += 1
        state.backOff = Self.firstBackOff
        state.nextProbe = now + state.backOff
        return true
    }

    /// Whether a unit is silent, and none at all has answered for so long (R12).
    func isAllSilent(for duration: Duration, at now: Instant) -> Bool {
        silentUnits > 0 && lastReply.map { now - $0 >= duration } ?? true
    }
}
