internal import Modbus

/// What is known of the units of one line (R11), and whether the line itself may be dead (R12).
struct LineHealth {
    private static let firstReopening: Duration = .seconds(60)
    private static let longestReopening: Duration = .seconds(3600)
    private static let exchangesUntilReopening = 6

    /// One for each unit identifier; unit 0, which any unit answers, is counted apart.
    private var units = [UnitHealth](repeating: UnitHealth(), count: 256)
    /// The units that the broker may have to ask by itself, in the order in which it became so.
    private var troubled: [UnitIdentifier] = []

    /// Since anything answered, or the port was opened.
    private var quietSince = Instant.distantPast
    private var exchangesSince = 0
    private var hasAskedKnown = false
    private var reopening = firstReopening

    /// The silent ones, in the order of their numbers.
    var silent: [UnitIdentifier] { identifiers { $0.isSilent } }

    /// The ones of which anything has ever come, and that are not silent, in the order of their numbers.
    var live: [UnitIdentifier] { identifiers { !$0.isSilent && !$0.isUnknown } }

    private func identifiers(where condition: (UnitHealth) -> Bool) -> [UnitIdentifier] {
        units.indices.filter { condition(units[$0]) }.map { UnitIdentifier(rawValue: UInt8($0)) }
    }

    func isSilent(_ unit: UnitIdentifier) -> Bool { units[Int(unit.rawValue)].isSilent }

    func isKnown(_ range: ReadRange, of unit: UnitIdentifier) -> Bool { units[Int(unit.rawValue)].isKnown(range) }

    mutating func verdict(on query: Query, at now: Instant) -> UnitHealth.Verdict {
        units[Int(query.lineUnit.rawValue)].verdict(on: query, at: now)
    }

    func turnVerdict(on query: Query, isTry: Bool, at now: Instant) -> UnitHealth.Verdict {
        units[Int(query.lineUnit.rawValue)].turnVerdict(on: query, isTry: isTry, at: now)
    }

    // MARK: What comes of it

    /// A unit has given a sign of life, which is one of unit 0 too.
    ///
    /// - Returns: the units that were silent until now.
    mutating func noteSign(of unit: UnitIdentifier, at now: Instant) -> [UnitIdentifier] {
        noteLineAlive(at: now)
        let isBack = units[Int(unit.rawValue)].noteSign(at: now)
        let isZeroBack = unit.isBroadcast ? false : units[0].noteSign(at: now)
        guard isBack || isZeroBack || !troubled.isEmpty else { return [] }
        troubled.removeAll { $0 == unit || $0.isBroadcast }
        return (isBack ? [unit] : []) + (isZeroBack ? [0] : [])
    }

    /// Something answers on this line, be it a gateway with a word for silence.
    mutating func noteLineAlive(at now: Instant) {
        quietSince = now
        exchangesSince = 0
        hasAskedKnown = false
        reopening = Self.firstReopening
    }

    mutating func noteAnswer(to query: Query, makesKnown: Bool, at now: Instant) {
        if query.isRead {
            units[Int(query.lineUnit.rawValue)].noteAnswer(to: query.pdu, makesKnown: makesKnown, at: now)
        } else {
            units[Int(query.lineUnit.rawValue)].noteAcknowledgedWrite()
        }
    }

    /// A query has failed, with its retries; writes count neither way.
    ///
    /// - Returns: whether its unit has become silent by this.
    mutating func noteFailure(of query: Query, attempts: Int, at now: Instant) -> Bool {
        guard query.isRead else { return false }
        let index = Int(query.lineUnit.rawValue)
        let isSilent = units[index].noteFailure(of: query.pdu, attempts: attempts, at: now)
        if isSilent || units[index].isInDoubt, !troubled.contains(query.lineUnit) { troubled.append(query.lineUnit) }
        return isSilent
    }

    // MARK: The broker's own reads

    /// When the broker may next have to ask something by itself; nil: not before somebody asks.
    func nextOwnRead(after now: Instant) -> Instant? {
        troubled.compactMap { unit in
            let unit = units[Int(unit.rawValue)]
            return unit.isInDoubt ? now : unit.nextProbe
        }.min()
    }

    /// Takes the read that the broker sends now by itself; the longest troubled unit first.
    mutating func takeOwnRead(at now: Instant) -> (unit: UnitIdentifier, range: ReadRange)? {
        for (position, unit) in troubled.enumerated() {
            guard let range = units[Int(unit.rawValue)].takeOwnRead(at: now) else { continue }
            troubled.remove(at: position)
            troubled.append(unit)
            return (unit, range)
        }
        return nil
    }

    mutating func ownReadEnded(of unit: UnitIdentifier, hasFailed: Bool, at now: Instant) {
        units[Int(unit.rawValue)].ownReadEnded(hasFailed: hasFailed, at: now)
    }

    // MARK: The line (R12)

    mutating func noteOpened(at now: Instant) {
        quietSince = now
        exchangesSince = 0
        hasAskedKnown = false
    }

    /// A request was sent and met nothing.
    mutating func noteUnanswered(_ query: Query) {
        exchangesSince += 1
        if !hasAskedKnown, let range = ReadRange(query.pdu) { hasAskedKnown = isKnown(range, of: query.lineUnit) }
    }

    /// Whether nothing has answered for a minute, then 2, 4 … 60, although it was asked: an adapter may have wedged without
    /// an error.
    mutating func takeReopening(at now: Instant) -> Bool {
        guard exchangesSince >= Self.exchangesUntilReopening, hasAskedKnown, now - quietSince >= reopening else {
            return false
        }
        reopening = min(reopening * 2, Self.longestReopening)
        return true
    }
}
