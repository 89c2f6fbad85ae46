internal import Broker

/// One exchange: whose it was, and who waited.
struct Turn {
    struct Waiting {
        let client: Client
        /// Oldest first; never empty.
        var queries: [Query]

        var rank: Int { queries[0].rank }
    }

    let instant: Instant
    /// Whether some of those that waited may have had to.
    var isInDoubt: Bool
    /// Including the one whose turn it is.
    var waiting: [Waiting]
    /// Whose turn it was; nil: not known yet.
    var query: Query?
    /// Whether it is not known in which classes somebody waited.
    private(set) var isBlurred: Bool

    init(instant: Instant, isInDoubt: Bool, isBlurred: Bool, waiting: [Waiting]) {
        self.instant = instant
        self.isInDoubt = isInDoubt || isBlurred
        self.isBlurred = isBlurred
        self.waiting = waiting
    }

    /// It is not known what a client had waiting.
    mutating func blur(_ client: Client) {
        isBlurred = true
        isInDoubt = true
        waiting.removeAll { $0.client === client }
    }
}

/// The rules of fairness (R13), as far as they can be told from the turns alone.
///
/// Classes are numbered: writes 0, serial client 1, TCP clients 2, background reads 3.
struct TurnRules {
    private static let names = ["writes", "the serial client", "TCP clients", "background reads"]
    private static let mostPassedOver = 3

    /// The addresses and clients that had a turn in a client's class since its oldest query waits.
    fileprivate struct Overtaken {
        /// Kept, as all clients here: the name of a query is that of its client's object, and objects come again.
        let oldest: Query
        var addresses: Set<String> = []
        /// Other connections of its own address.
        var clients: [Client] = []
    }

    private let verdict: Verdict
    /// How many exchanges each class has let pass while it waited: at least, and at most.
    private var atLeast = [Int](repeating: 0, count: names.count)
    private var atMost = [Int](repeating: 0, count: names.count)
    private var overtaken: [Overtaken] = []

    init(verdict: Verdict) {
        self.verdict = verdict
    }

    mutating func judge(_ turn: Turn) {
        guard let query = turn.query else { return }
        if let own = turn.waiting.first(where: { $0.client === query.client }) {
            verdict.check(
                "R13", own.queries[0].id == query.id, "sent before an older one of its client: \(query.summary)")
        }
        if !turn.isInDoubt { checkOrder(turn, query) }
        notePassedOver(turn, by: query.rank)
        noteOvertaken(turn, by: query)
    }

    /// With three classes in the world none need go before its order unless it has let two exchanges pass.
    private func checkOrder(_ turn: Turn, _ query: Query) {
        let rank = query.rank
        for other in turn.waiting where other.rank < rank {
            verdict.check(
                "R13", atMost[rank] >= 2,
                "\(Self.names[rank]) went before \(Self.names[other.rank]): \(query.summary)")
        }
        for other in turn.waiting where other.rank != rank {
            verdict.check(
                "R13", atLeast[other.rank] < Self.mostPassedOver,
                "\(Self.names[other.rank]) passed over \(atLeast[other.rank] + 1) times: \(other.queries[0].summary)")
        }
    }

    private mutating func notePassedOver(_ turn: Turn, by rank: Int) {
        var isWaiting = [Bool](repeating: false, count: Self.names.count)
        for other in turn.waiting { isWaiting[other.rank] = true }
        for other in isWaiting.indices {
            let isPassedOver = other != rank && isWaiting[other]
            atMost[other] = isPassedOver || (turn.isBlurred && other != rank) ? atMost[other] + 1 : 0
            atLeast[other] = isPassedOver ? atLeast[other] + (turn.isInDoubt ? 0 : 1) : 0
        }
    }

    /// Within a class, nobody has a second turn while another address, or another client of the same one, waits for its
    /// first.
    private mutating func noteOvertaken(_ turn: Turn, by query: Query) {
        forgive(query.client.address)
        var still: [Overtaken] = []
        for other in turn.waiting where other.client !== query.client {
            let oldest = other.queries[0]
            var state = overtaken.first { $0.oldest.id == oldest.id } ?? Overtaken(oldest: oldest)
            if oldest.rank == query.rank, !turn.isInDoubt {
                let isFirst = state.noteTurn(of: query.client)
                verdict.check("R13", isFirst, "a second turn for \(query.summary) before \(oldest.summary)")
            }
            still.append(state)
        }
        overtaken = still
    }

    /// This address has had a turn, by whichever of its clients.
    private mutating func forgive(_ address: String) {
        for index in overtaken.indices where overtaken[index].oldest.client.address == address {
            overtaken[index].addresses = []
        }
    }
}

extension TurnRules.Overtaken {
    /// - Returns: whether it is the first.
    fileprivate mutating func noteTurn(of client: Client) -> Bool {
        guard client.address == oldest.client.address else { return addresses.insert(client.address).inserted }
        defer { clients.append(client) }
        return !clients.contains { $0 === client }
    }
}

extension Query {
    fileprivate var rank: Int { isRead ? client.kind.readClass : 0 }
}

extension [Turn.Waiting] {
    func contains(_ query: Query) -> Bool { position(of: query) != nil }

    private func position(of query: Query) -> (client: Int, query: Int)? {
        guard let client = firstIndex(where: { $0.client === query.client }),
            let position = self[client].queries.firstIndex(where: { $0.id == query.id })
        else { return nil }
        return (client, position)
    }

    mutating func remove(_ query: Query) {
        guard let (client, position) = position(of: query) else { return }
        self[client].queries.remove(at: position)
        if self[client].queries.isEmpty { remove(at: client) }
    }
}
