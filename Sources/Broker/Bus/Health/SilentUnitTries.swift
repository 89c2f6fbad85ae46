/// The reads of clients that are sent to a silent unit, though they have never been answered (R11): one of them may be
/// what the unit answers.
///
/// Each client address has 64 such reads sent once, as soon as they are asked. After that one goes each 10 s, for the
/// client, of those that asked within 2 min, whose last try is longest ago, and of its reads the one tried longest ago.
struct SilentUnitTries {
    private struct Try {
        let address: String
        let range: ReadRange
        var sent: Instant
        var asked: Instant
    }

    private struct Asker {
        let address: String
        var left = SilentUnitTries.triesOfClient
        var asked: Instant
        var sent: Instant
        /// Whether a known read of it has been sent in this silence.
        var hasTriedKnown = false
    }

    static let triesOfClient = 64
    /// The most tries, and the most addresses, that are remembered.
    static let capacity = 256
    private static let period: Duration = .seconds(10)
    private static let memory: Duration = .seconds(120)

    /// When the unit fell silent: a try that was forgotten counts as made then.
    private let began: Instant
    /// In the order in which they were first sent.
    private var tries: [Try] = []
    /// In the order in which they first asked.
    private var askers: [Asker] = []
    private var lastTurn: Instant

    init(began: Instant) {
        self.began = began
        lastTurn = began
    }

    /// A client asks for what is known, and has not failed since the unit's last sign of life: one such read of each
    /// address is sent, for the unit may be silent about something else.
    mutating func admitsKnown(by address: String, at now: Instant) -> Bool {
        guard let asker = note(address, at: now), !askers[asker].hasTriedKnown else { return false }
        askers[asker].hasTriedKnown = true
        return true
    }

    /// A client asks for what has never been answered.
    ///
    /// - Returns: whether it is sent now; it counts as a try then.
    mutating func admits(_ range: ReadRange, by address: String, at now: Instant) -> Bool {
        guard let asker = note(address, at: now) else { return false }
        let index = tries.firstIndex { $0.address == address && $0.range == range }
        if let index { tries[index].asked = now }
        if index == nil, askers[asker].left > 0 {
            askers[asker].left -= 1
        } else {
            guard isTurn(of: asker, range, known: index, at: now) else { return false }
            lastTurn = now
        }
        askers[asker].sent = now
        remember(range, by: address, at: index, now)
        return true
    }

    private func isTurn(of asker: Int, _ range: ReadRange, known index: Int?, at now: Instant) -> Bool {
        guard now - lastTurn >= Self.period else { return false }
        let recent = askers.filter { now - $0.asked <= Self.memory }
        guard !recent.contains(where: { $0.sent < askers[asker].sent }) else { return false }
        let own = index.map { tries[$0].sent } ?? began
        return !tries.contains {
            $0.address == askers[asker].address && now - $0.asked <= Self.memory && $0.sent < own
        }
    }

    private mutating func remember(_ range: ReadRange, by address: String, at index: Int?, _ now: Instant) {
        if let index {
            tries[index].sent = now
            return
        }
        if tries.count >= Self.capacity, let oldest = tries.indices.min(by: { tries[$0].sent < tries[$1].sent }) {
            tries.remove(at: oldest)
        }
        tries.append(Try(address: address, range: range, sent: now, asked: now))
    }

    /// - Returns: where the address stands; nil if as many have asked as are remembered: it has no tries.
    private mutating func note(_ address: String, at now: Instant) -> Int? {
        if let index = askers.firstIndex(where: { $0.address == address }) {
            askers[index].asked = now
            return index
        }
        guard askers.count < Self.capacity else { return nil }
        askers.append(Asker(address: address, asked: now, sent: began))
        return askers.indices.last
    }
}
