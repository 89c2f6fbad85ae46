/// The queries that wait for one line, and whose turn it is (R13).
///
/// Classes in this order: writes, serial client, TCP clients, background reads. A client stands in the class of its
/// oldest query, and its queries keep their order. Within a class round-robin by client address. A waiting class gets at
/// least one exchange in four.
struct QueryQueue {
    struct Entry {
        let query: Query
        let done: (Exchange) -> Void
        /// Whether it goes to a silent unit, or to a range that has rested: once, without a retry (R11).
        var isTry = false
        /// Whether the broker asks by itself what becomes of a unit (R11).
        var isOwn = false
        /// Whether it is a write to a silent unit, which stands in the class of its client's reads (R11).
        var isDemoted = false

        fileprivate var rank: Int { query.isRead || isDemoted ? query.client.kind.readClass : 0 }
    }

    /// The queries of one client, oldest first; never empty.
    private struct Waiting {
        let client: Client
        /// Since when it waits for its turn, as a running number.
        var since: UInt64
        /// The last turn of its address.
        var turn: UInt64
        var entries: [Entry]

        var rank: Int { entries[0].rank }
    }

    private static let ranks = 4
    private static let rememberedAddresses = 2048

    private var waiting: [Waiting] = []
    private(set) var count = 0
    private var arrivals: UInt64 = 0
    /// How many exchanges each class has let pass while it waited.
    private var passedOver = [Int](repeating: 0, count: ranks)
    private var turns: UInt64 = 0
    /// The last turn of each address. Only looked up, never gone through in order.
    private var lastTurn: [String: UInt64] = [:]
    /// No query's deadline is earlier; it may have left already.
    private(set) var earliestDeadline = Instant.distantFuture

    mutating func append(_ entry: Entry) {
        count += 1
        earliestDeadline = min(earliestDeadline, entry.query.deadline ?? .distantFuture)
        if let index = waiting.firstIndex(where: { $0.client === entry.query.client }) {
            waiting[index].entries.append(entry)
        } else {
            arrivals += 1
            let turn = lastTurn[entry.query.client.address] ?? 0
            waiting.append(Waiting(client: entry.query.client, since: arrivals, turn: turn, entries: [entry]))
        }
    }

    mutating func remove(_ id: Query.ID) -> Entry? {
        guard let index = waiting.firstIndex(where: { id.isOf($0.client) }),
            let position = waiting[index].entries.firstIndex(where: { $0.query.id == id })
        else { return nil }
        return remove(client: index, position: position)
    }

    /// Takes out every entry that fulfils the condition, in order of client and age.
    mutating func removeAll(where condition: (Query) -> Bool) -> [Entry] {
        var removed: [Entry] = []
        var earliest = Instant.distantFuture
        for index in waiting.indices {
            let entries = waiting[index].entries
            let stay = entries.filter { !condition($0.query) }
            if stay.count < entries.count {
                removed += entries.filter { condition($0.query) }
                waiting[index].entries = stay
            }
            for entry in stay { earliest = min(earliest, entry.query.deadline ?? .distantFuture) }
        }
        waiting.removeAll { $0.entries.isEmpty }
        count -= removed.count
        earliestDeadline = earliest
        return removed
    }

    /// Changes the entries that fulfil the condition, and takes out those for which `stays` returns false, in order of
    /// client and age.
    mutating func review(
        where condition: (Query) -> Bool, stays: (inout Entry) -> Bool
    ) -> [Entry] {
        var removed: [Entry] = []
        for index in waiting.indices {
            var kept: [Entry] = []
            for var entry in waiting[index].entries {
                if !condition(entry.query) || stays(&entry) { kept.append(entry) } else { removed.append(entry) }
            }
            waiting[index].entries = kept
        }
        waiting.removeAll { $0.entries.isEmpty }
        count -= removed.count
        return removed
    }

    /// How many exchanges will go before a further query of this client, if all take their turns.
    func ahead(of query: Query) -> Int {
        let rank = query.isRead ? query.client.kind.readClass : 0
        let address = query.client.address
        let own = waiting.reduce(0) { $1.client.address == address ? $0 + $1.entries.count : $0 }
        var others: [String: Int] = [:]
        for other in waiting where other.client.address != address && other.rank <= rank {
            others[other.client.address, default: 0] += other.entries.count
        }
        return others.values.reduce(own) { $0 + min($1, own + 1) }
    }

    /// Whose turn it is. Good until the queue changes.
    struct Turn {
        fileprivate let index: Int
        /// For each class the client who would go; of a single client that waits it need not be known.
        fileprivate let best: [Int?]
        let query: Query
        let isTry: Bool
    }

    /// The query whose turn it is, among the clients whose oldest query may be sent now.
    func nextTurn(where maySend: (Query) -> Bool) -> Turn? {
        if waiting.count == 1 {  // as what follows would find, at a tenth of the cost
            let entry = waiting[0].entries[0]
            return maySend(entry.query) ? Turn(index: 0, best: [], query: entry.query, isTry: entry.isTry) : nil
        }
        var best = [Int?](repeating: nil, count: Self.ranks)
        for index in waiting.indices where maySend(waiting[index].entries[0].query) {
            let rank = waiting[index].rank
            if let current = best[rank], !isBefore(index, current) { continue }
            best[rank] = index
        }
        guard let rank = chooseRank(best.map { $0 != nil }), let index = best[rank] else { return nil }
        let entry = waiting[index].entries[0]
        return Turn(index: index, best: best, query: entry.query, isTry: entry.isTry)
    }

    /// Takes out the query, which goes to the line: the turns of its client and class are counted.
    mutating func take(_ turn: Turn) -> Entry {
        notePassedOver(by: waiting[turn.index].rank, turn.best)
        arrivals += 1
        waiting[turn.index].since = arrivals
        noteTurn(of: waiting[turn.index].client.address)
        return remove(client: turn.index, position: 0)
    }

    /// Takes out the query, which is not sent: it was nobody's turn.
    mutating func drop(_ turn: Turn) -> Entry {
        remove(client: turn.index, position: 0)
    }
}

extension QueryQueue {
    /// Whoever has not had a turn for longest; of one address, whoever waits for longest.
    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (waiting[left], waiting[right])
        return (left.turn, left.since) < (right.turn, right.since)
    }

    /// The first class in order, unless others must go now for each to get one exchange in four.
    ///
    /// With `k` exchanges left for `k` classes that have waited for as long, there is no exchange to spare.
    private func chooseRank(_ isWaiting: [Bool]) -> Int? {
        let ranks = isWaiting.indices.filter { isWaiting[$0] }
        for left in 1...Self.ranks {
            let urgent = ranks.filter { passedOver[$0] >= Self.ranks - left }
            guard urgent.count >= left else { continue }
            return urgent.max { (passedOver[$0], -$0) < (passedOver[$1], -$1) }
        }
        return ranks.first
    }

    /// A class whose queries may not be sent just now keeps what it has waited for.
    private mutating func notePassedOver(by rank: Int, _ best: [Int?]) {
        guard !best.isEmpty else {
            for other in passedOver.indices { passedOver[other] = 0 }
            return
        }
        var isWaiting = [Bool](repeating: false, count: Self.ranks)
        for client in waiting { isWaiting[client.rank] = true }
        for other in best.indices {
            if other == rank || !isWaiting[other] {
                passedOver[other] = 0
            } else if best[other] != nil {
                passedOver[other] += 1
            }
        }
    }

    private mutating func noteTurn(of address: String) {
        turns += 1
        lastTurn[address] = turns
        for index in waiting.indices where waiting[index].client.address == address { waiting[index].turn = turns }
        guard lastTurn.count > Self.rememberedAddresses else { return }
        let oldest = turns - UInt64(Self.rememberedAddresses / 2)
        lastTurn = lastTurn.filter { $0.value > oldest }
    }

    private mutating func remove(client index: Int, position: Int) -> Entry {
        count -= 1
        let entry = waiting[index].entries.remove(at: position)
        if waiting[index].entries.isEmpty { waiting.remove(at: index) }
        return entry
    }
}
