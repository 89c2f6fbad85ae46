/// The ranges about which a unit says nothing, each of which rests by itself: 15 s, doubling to 5 min (R11).
struct RestingRanges {
    private struct Entry {
        let range: ReadRange
        var silences: Int
        var length: Duration = .zero
        var until = Instant.distantPast
    }

    enum State: Hashable {
        /// It has met no silence twice.
        case awake
        case resting
        /// It has rested, and is tried again without a retry.
        case rested
    }

    static let capacity = 256
    private static let first: Duration = .seconds(15)
    private static let longest: Duration = .seconds(300)

    /// In the order in which they met their first silence.
    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    func state(of range: ReadRange, at now: Instant) -> State {
        guard let entry = entries.first(where: { $0.range == range }), entry.length > .zero else { return .awake }
        return now < entry.until ? .resting : .rested
    }

    /// A read that is not known met silence so many times. Of more than 256 ranges the oldest is forgotten.
    mutating func noteSilence(of range: ReadRange, times: Int, at now: Instant) {
        var index = entries.firstIndex { $0.range == range }
        if index == nil {
            if entries.count >= Self.capacity { entries.removeFirst() }
            entries.append(Entry(range: range, silences: 0))
            index = entries.indices.last
        }
        guard let index else { return }
        entries[index].silences += times
        guard entries[index].silences >= 2 else { return }
        let length = entries[index].length
        entries[index].length = length == .zero ? Self.first : min(length * 2, Self.longest)
        entries[index].until = now + entries[index].length
    }

    mutating func noteAnswer(to range: ReadRange) {
        guard !entries.isEmpty else { return }
        entries.removeAll { $0.range == range }
    }

    mutating func endAll() {
        entries.removeAll(keepingCapacity: true)
    }
}
