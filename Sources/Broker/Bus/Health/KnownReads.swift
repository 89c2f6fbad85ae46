/// The reads that a unit has answered, exceptions included: the latest 256 (R11).
///
/// A known read that has failed twice since its last answer is forgotten once the unit has given a sign of life after
/// that answer: the unit is there, and says nothing to this.
struct KnownReads {
    private struct Entry {
        let range: ReadRange
        var answered: Instant
        /// How often it has failed since then.
        var failures = 0
        /// How often it was a probe in this silence.
        var probes = 0
    }

    static let capacity = 256

    /// In the order in which they became known.
    private var entries: [Entry] = []

    /// Whether none is known that the broker may send by itself.
    var isEmpty: Bool { !entries.contains { $0.range.isPlainRead } }

    func contains(_ range: ReadRange) -> Bool { index(of: range) != nil }

    private func index(of range: ReadRange) -> Int? { entries.firstIndex { $0.range == range } }

    /// The unit has answered this read. Of more than 256 the one that was answered longest ago is forgotten.
    mutating func noteAnswer(to range: ReadRange, at now: Instant) {
        if let index = index(of: range) {
            entries[index].answered = now
            entries[index].failures = 0
        } else {
            if entries.count >= Self.capacity, let oldest = entries.indices.min(by: isAnsweredBefore) {
                entries.remove(at: oldest)
            }
            entries.append(Entry(range: range, answered: now))
        }
    }

    private func isAnsweredBefore(_ left: Int, _ right: Int) -> Bool {
        entries[left].answered < entries[right].answered
    }

    /// This read has failed while its unit is silent, which proves nothing about the read.
    mutating func noteFailureInSilence(of range: ReadRange) {
        if let index = index(of: range) { entries[index].failures = max(1, entries[index].failures) }
    }

    /// This read has failed.
    ///
    /// - Parameter lastSign: when the unit last gave a sign of life.
    /// - Returns: whether it is still known.
    mutating func noteFailure(of range: ReadRange, lastSign: Instant?) -> Bool {
        guard let index = index(of: range) else { return false }
        entries[index].failures += 1
        guard entries[index].failures >= 2, let lastSign, lastSign > entries[index].answered else { return true }
        entries.remove(at: index)
        return false
    }

    /// The one that was answered last, of those that the broker may send by itself.
    var latest: ReadRange? { latestIndex.map { entries[$0].range } }

    /// Whether it has failed since it was answered.
    func hasFailed(_ range: ReadRange) -> Bool { index(of: range).map { entries[$0].failures > 0 } ?? false }

    /// Whether the one that was answered last has failed since.
    var hasLatestFailed: Bool { latestIndex.map { entries[$0].failures > 0 } ?? false }

    private var latestIndex: Int? {
        entries.indices.filter { entries[$0].range.isPlainRead }.max(by: isAnsweredBefore)
    }

    /// Begins a silence: none has been a probe in it.
    mutating func beginSilence() {
        for index in entries.indices { entries[index].probes = 0 }
    }

    /// The read that is sent as the next probe: by turns the one that was answered last, and the other one that has been a
    /// probe least often, the latest answered first. Nil if no known read may be sent by the broker.
    mutating func nextProbe(isTurnOfLatest: Bool) -> ReadRange? {
        guard let latest = latestIndex else { return nil }
        let others = entries.indices.filter { $0 != latest && entries[$0].range.isPlainRead }
        let other = others.min { left, right in
            (entries[left].probes, entries[right].answered) < (entries[right].probes, entries[left].answered)
        }
        let choice = isTurnOfLatest ? latest : other ?? latest
        entries[choice].probes += 1
        return entries[choice].range
    }
}
