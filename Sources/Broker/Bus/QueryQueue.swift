/// The queries that wait for one line, and whose turn it is (R13).
///
/// Classes in this order: writes, serial client, TCP clients, background reads. A client stands in the class of its
/// oldest query, and its queries keep their order. Within a class round-robin by client address, within an address by
/// connection (``TurnPlaces``). A waiting class gets at least one exchange in four.
struct QueryQueue {
    struct Entry {
        let query: Query
        /// nil: the broker itself.
        let owner: (any QueryOwner)?
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
        var place: TurnPlaces.Place
        var entries: [Entry]

        var rank: Int { entries[0].rank }
    }

    private static let ranks = 4
    private static let mostSpares = 64

    private var waiting: [Waiting] = []
    /// Empty lists with storage, for clients that begin to wait.
    private var spares: [[Entry]] = []
    private(set) var count = 0
    /// How many exchanges each class has let pass while it waited.
    private var passedOver = InlineArray<4, Int>(repeating: 0)
    private(set) var places = TurnPlaces()
    /// No query's deadline is earlier; it may have left already.
    private(set) var earliestDeadline = Instant.distantFuture

    mutating func append(_ entry: Entry) {
        count += 1
        earliestDeadline = min(earliestDeadline, entry.query.deadline ?? .distantFuture)
        if let index = waiting.firstIndex(where: { $0.client === entry.query.client }) {
            waiting[index].entries.append(entry)
        } else {
            let place = places.place(of: entry.query.client)
            var entries = spares.popLast() ?? []
            entries.append(entry)
            waiting.append(Waiting(client: entry.query.client, place: place, entries: entries))
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

    /// Removes the query that a full queue loses: of the address with the most waiting queries, and in it the connection with
    /// the most, the newest query (R8). Among equals, the one that began to wait last.
    mutating func removeSurplus() -> Entry? {
        var ofAddress: [String: Int] = [:]
        for client in waiting { ofAddress[client.client.address, default: 0] += client.entries.count }
        var most = (address: 0, client: 0)
        var chosen: Int?
        for (index, client) in waiting.enumerated() {
            let size = (address: ofAddress[client.client.address] ?? 0, client: client.entries.count)
            guard size >= most else { continue }
            most = size
            chosen = index
        }
        return chosen.map { remove(client: $0, position: waiting[$0].entries.count - 1) }
    }

    /// Whose turn it is. Good until the queue changes.
    struct Turn {
        fileprivate let index: Int
        /// For each class the client who would go; nil: a single client waits.
        fileprivate let best: InlineArray<4, Int?>?
        let query: Query
        let isTry: Bool
    }

    /// The query whose turn it is, among the clients whose oldest query may be sent now.
    ///
    /// - Parameter prolongs: whether sending the first would prolong what the second, which may not be sent, waits for: a
    ///   client that has had its turn must not keep another from its own.
    func nextTurn(
        where maySend: (Query) -> Bool, prolongs: (Query, Query) -> Bool = { _, _ in false }
    ) -> Turn? {
        if waiting.count == 1 {  // as what follows would find, at a tenth of the cost
            let entry = waiting[0].entries[0]
            return maySend(entry.query) ? Turn(index: 0, best: nil, query: entry.query, isTry: entry.isTry) : nil
        }
        var blocked: [Query] = []
        var candidates: [Int] = []
        var best = bestOfRanks(waiting.indices)
        while let rank = chooseRank(best), let index = best[rank] {
            let entry = waiting[index].entries[0]
            if maySend(entry.query), !blocked.contains(where: { prolongs(entry.query, $0) }) {
                return Turn(index: index, best: best, query: entry.query, isTry: entry.isTry)
            }
            if blocked.isEmpty { candidates = Array(waiting.indices) }
            blocked.append(entry.query)
            candidates.removeAll { $0 == index }
            best = bestOfRanks(candidates)
        }
        return nil
    }

    private func bestOfRanks(_ candidates: some Sequence<Int>) -> InlineArray<4, Int?> {
        var best = InlineArray<4, Int?>(repeating: nil)
        for index in candidates {
            let rank = waiting[index].rank
            if let current = best[rank], waiting[index].place > waiting[current].place { continue }
            best[rank] = index
        }
        return best
    }

    /// Takes out the query, which goes to the line: the turns of its client and class are counted.
    mutating func take(_ turn: Turn) -> Entry {
        notePassedOver(by: waiting[turn.index].rank, turn.best)
        noteTurn(of: waiting[turn.index].client)
        return remove(client: turn.index, position: 0)
    }

    /// Takes out the query, which is not sent: it was nobody's turn.
    mutating func drop(_ turn: Turn) -> Entry {
        remove(client: turn.index, position: 0)
    }
}

extension QueryQueue {
    /// The first class in order, unless others must go now for each to get one exchange in four.
    ///
    /// With `k` exchanges left for `k` classes that have waited for as long, there is no exchange to spare.
    private func chooseRank(_ best: InlineArray<4, Int?>) -> Int? {
        for left in 1...Self.ranks {
            var (urgent, longest) = (0, 0)
            for rank in best.indices where best[rank] != nil && passedOver[rank] >= Self.ranks - left {
                if urgent == 0 || passedOver[rank] > passedOver[longest] { longest = rank }
                urgent += 1
            }
            if urgent >= left { return longest }
        }
        return best.indices.first { best[$0] != nil }
    }

    /// A class whose queries may not be sent just now keeps what it has waited for.
    private mutating func notePassedOver(by rank: Int, _ best: InlineArray<4, Int?>?) {
        guard let best else {
            passedOver = InlineArray(repeating: 0)
            return
        }
        var isWaiting = InlineArray<4, Bool>(repeating: false)
        for client in waiting { isWaiting[client.rank] = true }
        for other in best.indices {
            if other == rank || !isWaiting[other] {
                passedOver[other] = 0
            } else if best[other] != nil {
                passedOver[other] += 1
            }
        }
    }

    private mutating func noteTurn(of client: Client) {
        let place = places.noteTurn(of: client)
        for index in waiting.indices where waiting[index].client.address == client.address {
            waiting[index].place.noteTurn(ofAddress: place)
            if waiting[index].client === client { waiting[index].place = place }
        }
    }

    private mutating func remove(client index: Int, position: Int) -> Entry {
        count -= 1
        let entry = waiting[index].entries.remove(at: position)
        if waiting[index].entries.isEmpty {
            let emptied = waiting.remove(at: index)
            if spares.count < Self.mostSpares { spares.append(emptied.entries) }
        }
        return entry
    }
}
