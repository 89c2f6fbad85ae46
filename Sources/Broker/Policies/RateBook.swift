/// Who may ask when, and who waits for that: a bucket of tokens for each address.
///
/// A bucket is kept as the instant at which it will be full again. One that is full is as good as none, and is forgotten.
struct RateBook {
    struct Entry {
        let query: Query
        let owner: any QueryOwner
    }

    /// A query that waits no longer: its turn has come, or it is answered with an error.
    struct Release {
        let entry: Entry
        var error: BrokerError?
    }

    /// The most that are remembered; of more, those are forgotten that will be full soonest.
    static let rememberedAddresses = 4096

    /// From one token to the next; nil: there is no limit.
    private var interval: Duration?
    private(set) var burst: Int?
    /// When the bucket of an address will be full. Only looked up, never gone through in order.
    private var full: [String: Instant] = [:]
    private var mostAddresses = 64
    /// In the order in which they began to wait; none is empty.
    private var waiting: [AddressQueue] = []
    private(set) var count = 0

    init(_ rate: Double?) {
        setRate(rate)
    }

    private mutating func setRate(_ rate: Double?) {
        interval = rate.map { Duration(nanoseconds: Int64(min(max((1e9 / $0).rounded(), 1), 1e12))) }
        burst = rate.map { Int(min(max($0.rounded(.up), 1), 1e6)) }
    }

    /// How many addresses are remembered.
    var addresses: Int { full.count }

    /// When ``releases(at:)`` has something to do; nil: nobody waits.
    var nextWake: Instant? { waiting.lazy.map { min($0.turn, $0.firstDeadline) }.min() }

    /// - Returns: nil if it waits.
    mutating func add(_ entry: Entry, at now: Instant) -> Release? {
        guard let interval, let burst else { return Release(entry: entry) }
        let address = entry.query.client.address
        let known = waiting.firstIndex { $0.address == address }
        let turn = known.map { waiting[$0].turn } ?? turn(of: address, interval, burst, at: now)
        if known == nil, turn <= now {
            take(address, interval, at: now)
            return Release(entry: entry)
        }
        guard count < RateLimit.capacity, now < entry.query.deadline ?? .distantFuture else {
            return Release(entry: entry, error: .overloaded)
        }
        count += 1
        if known == nil { waiting.append(AddressQueue(address, turn: turn)) }
        waiting[known ?? waiting.count - 1].append(entry)
        return nil
    }

    /// When an address of which nothing waits may ask next.
    private func turn(of address: String, _ interval: Duration, _ burst: Int, at now: Instant) -> Instant {
        full[address].map { $0 - interval * (burst - 1) } ?? now
    }

    private mutating func take(_ address: String, _ interval: Duration, at now: Instant) {
        full[address] = max(full[address] ?? now, now) + interval
        if full.count > mostAddresses { forgetAddresses(at: now) }
    }

    /// Those whose deadline has come, then those whose turn has, in the order of their turns.
    mutating func releases(at now: Instant) -> [Release] {
        var releases = removeExpired(at: now)
        while let interval, let index = nextIndex, waiting[index].turn <= now, let entry = waiting[index].popFirst() {
            releases.append(Release(entry: entry))
            count -= 1
            // As of its turn, not of now: who looks late must not shift the turns of the others.
            take(waiting[index].address, interval, at: waiting[index].turn)
            waiting[index].turn = waiting[index].turn + interval
            if waiting[index].isEmpty { waiting.remove(at: index) }
        }
        return releases
    }

    private mutating func removeExpired(at now: Instant) -> [Release] {
        var expired: [Entry] = []
        for index in waiting.indices { expired += waiting[index].removeExpired(at: now) }
        waiting.removeAll(where: \.isEmpty)
        count -= expired.count
        return expired.map { Release(entry: $0, error: .overloaded) }
    }

    private var nextIndex: Int? { waiting.indices.min { waiting[$0].turn < waiting[$1].turn } }

    mutating func remove(_ id: Query.ID) -> Entry? {
        for index in waiting.indices {
            guard let entry = waiting[index].remove(id) else { continue }
            count -= 1
            if waiting[index].isEmpty { waiting.remove(at: index) }
            return entry
        }
        return nil
    }

    /// In the order of the turns of each address.
    mutating func removeAll() -> [Entry] {
        var entries: [Entry] = []
        for index in waiting.indices {
            while let entry = waiting[index].popFirst() { entries.append(entry) }
        }
        (waiting, count) = ([], 0)
        return entries
    }

    /// Another rate: every bucket is full, and those that wait come in again, in their order.
    mutating func apply(_ rate: Double?, at now: Instant) -> [Release] {
        let entries = removeAll()
        full = [:]
        setRate(rate)
        return entries.compactMap { add($0, at: now) }
    }

    /// Called when twice as many are remembered as were needed the last time.
    private mutating func forgetAddresses(at now: Instant) {
        full = full.filter { $0.value > now }
        if full.count > Self.rememberedAddresses * 3 / 4 {
            let median = full.values.sorted()[full.count / 2]
            full = full.filter { $0.value > median }
        }
        mostAddresses = max(64, min(full.count * 2, Self.rememberedAddresses))
    }
}
