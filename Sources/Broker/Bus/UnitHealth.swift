internal import Modbus

/// Which units answer, and which are not worth waiting for (R11).
///
/// A unit is silent when three queries in a row failed and its last good reply is more than 10 s old, or never came.
/// Its reads are then answered at once, but one a back-off period (1 s, doubling to 60 s) is sent as a probe.
struct UnitHealth {
    private struct Unit {
        var failures = 0
        var lastReply: Instant?
        var silentSince: Instant?
        var backOff: Duration = .zero
        var nextProbe = Instant.distantPast
    }

    private static let failuresUntilSilent = 3
    private static let patience: Duration = .seconds(10)
    private static let firstBackOff: Duration = .seconds(1)
    private static let longestBackOff: Duration = .seconds(60)

    /// One for each unit identifier; unit 0 is counted apart.
    private var units = [Unit](repeating: Unit(), count: 256)
    /// The units that were asked, without unit 0.
    private var known: [UInt8] = []

    func isSilent(_ unit: UnitIdentifier) -> Bool { units[Int(unit.rawValue)].silentSince != nil }

    /// Whether a read of this silent unit may go to the line as its probe.
    func isProbeDue(_ unit: UnitIdentifier, at now: Instant) -> Bool {
        units[Int(unit.rawValue)].nextProbe <= now
    }

    /// A read of this silent unit was sent: no other follows before it has failed and the back-off is over.
    mutating func probeSent(to unit: UnitIdentifier) {
        units[Int(unit.rawValue)].nextProbe = .distantFuture
    }

    /// The probe did not reach the line's end: the next read is the probe.
    mutating func probeAborted(to unit: UnitIdentifier, at now: Instant) {
        if isSilent(unit) { units[Int(unit.rawValue)].nextProbe = now }
    }

    /// - Returns: whether the unit was silent until now.
    mutating func replied(_ unit: UnitIdentifier, at now: Instant) -> Bool {
        note(unit)
        let wasSilent = isSilent(unit)
        units[Int(unit.rawValue)] = Unit(lastReply: now)
        return wasSilent
    }

    /// A query failed after its retries.
    ///
    /// - Returns: whether the unit has become silent by this.
    mutating func failed(_ unit: UnitIdentifier, at now: Instant) -> Bool {
        note(unit)
        var state = units[Int(unit.rawValue)]
        defer { units[Int(unit.rawValue)] = state }
        state.failures += 1
        if state.silentSince != nil {
            state.backOff = min(state.backOff * 2, Self.longestBackOff)
            state.nextProbe = now + state.backOff
            return false
        }
        let isPatient = state.lastReply.map { now - $0 <= Self.patience } ?? false
        guard state.failures >= Self.failuresUntilSilent, !isPatient else { return false }
        state.silentSince = now
        state.backOff = Self.firstBackOff
        state.nextProbe = now + state.backOff
        return true
    }

    /// Since when no unit at all has answered; nil while one does, or none was asked.
    var allSilentSince: Instant? {
        var latest: Instant?
        for unit in known {
            guard let since = units[Int(unit)].silentSince else { return nil }
            latest = max(latest ?? since, since)
        }
        return latest
    }

    private mutating func note(_ unit: UnitIdentifier) {
        if !unit.isBroadcast, !known.contains(unit.rawValue) { known.append(unit.rawValue) }
    }
}
