internal import Broker
internal import Modbus

/// Checks the limit of queries a second from both sides: what comes to it, and what passes it, and when.
final class RateWatch {
    /// One address: its tokens, and what waits.
    private struct Address {
        let name: String
        var tokens: Double
        var filled: Instant
        var waiting: [Waiting] = []

        /// Of which client the query waits, and where it is among those.
        func place(of query: Query) -> (client: Int, position: Int)? {
            for (index, client) in waiting.enumerated() {
                if let position = client.queries.firstIndex(where: { $0.query.id == query.id }) {
                    return (index, position)
                }
            }
            return nil
        }
    }

    private struct Waiting {
        let client: Client
        /// When it began to wait, or had its last turn: a running number, and the instant.
        var since: (order: Int, instant: Instant)
        /// In the order in which they came, each with its instant; never empty.
        var queries: [(query: Query, came: Instant)]
    }

    /// Rounded nanoseconds, in tokens.
    private static let tolerance = 1e-4

    private let timeline: any Timeline
    private let verdict: Verdict
    private var rate: Double?
    private var addresses: [Address] = []
    private var events = 0
    /// Without a limit: what has come and not passed, in its order. All that waited when the limit went passes before it.
    private var unlimited: [Query] = []
    /// Queries that went before others of their client at this instant: their turn was decided already.
    private var returned: (instant: Instant, ids: [Query.ID]) = (.start, [])

    init(_ rate: Double?, timeline: any Timeline, verdict: Verdict) {
        self.rate = rate
        self.timeline = timeline
        self.verdict = verdict
    }

    func before(_ limit: any Backend) -> any Backend {
        Gate(next: limit) { [self] in
            came($0)
        } whenEnded: { [self] in
            ended($0)
        }
    }

    func behind(_ next: any Backend) -> any Backend {
        Gate(next: next) { [self] in
            passed($0)
        } whenEnded: { _ in
        }
    }

    /// Another rate holds from now on: every address begins anew.
    func apply(_ rate: Double?) {
        self.rate = rate
        for index in addresses.indices {
            addresses[index].tokens = burst
            addresses[index].filled = timeline.now
        }
    }

    private var burst: Double { max(1, (rate ?? 1).rounded(.up)) }

    private func index(of query: Query) -> Int {
        let name = query.client.address
        let known = addresses.firstIndex { $0.name == name }
        if known == nil { addresses.append(Address(name: name, tokens: burst, filled: timeline.now)) }
        let index = known ?? addresses.count - 1
        fill(index)
        return index
    }

    private func fill(_ index: Int) {
        let elapsed = Double((timeline.now - addresses[index].filled).nanoseconds) / 1e9
        addresses[index].tokens = min(burst, addresses[index].tokens + elapsed * (rate ?? 0))
        addresses[index].filled = timeline.now
    }

    private func came(_ query: Query) {
        guard query.client.kind != .dongle else { return }
        guard rate != nil else { return unlimited.append(query) }
        let index = index(of: query)
        events += 1
        if let client = addresses[index].waiting.firstIndex(where: { $0.client === query.client }) {
            let queries = addresses[index].waiting[client].queries
            // A read that outlives the one that it joined goes before the later queries of its client.
            let before = queries.lastIndex {
                $0.query.deadline ?? .distantFuture <= query.deadline ?? .distantFuture
            }
            addresses[index].waiting[client].queries.insert((query, timeline.now), at: before.map { $0 + 1 } ?? 0)
            if returned.instant != timeline.now { returned = (timeline.now, []) }
            if before != queries.indices.last { returned.ids.append(query.id) }
        } else {
            addresses[index].waiting.append(
                Waiting(client: query.client, since: (events, timeline.now), queries: [(query, timeline.now)]))
        }
    }

    private func passed(_ query: Query) {
        guard query.client.kind != .dongle else { return }
        let index = index(of: query)
        if let place = unlimited.firstIndex(where: { $0.id == query.id }) {
            let isNext = place == 0 && addresses[index].waiting.isEmpty
            verdict.check("rate", isNext, "passed before one that came earlier: \(query.summary)")
            unlimited.remove(at: place)
            return
        }
        verdict.check("rate", isTurn(of: query, index), "passed before another of its address: \(query.summary)")
        let place = addresses[index].place(of: query)
        let older = place.map { addresses[index].waiting[$0.client].queries.prefix($0.position) } ?? []
        let isNext = older.allSatisfy { returned.instant == timeline.now && returned.ids.contains($0.query.id) }
        verdict.check("rate", place != nil && isNext, "passed before an older one of its client: \(query.summary)")
        remove(place, of: index, isTurn: true)
        guard rate != nil else { return }
        verdict.check(
            "rate", addresses[index].tokens >= 1 - Self.tolerance,
            "passed with \(addresses[index].tokens) tokens: \(query.summary)")
        addresses[index].tokens -= 1
    }

    /// Whether no other client of its address has waited for longer. A query that comes in the midst of the turns
    /// of an instant, which are decided already, has its place behind them.
    private func isTurn(of query: Query, _ address: Int) -> Bool {
        guard let own = addresses[address].waiting.first(where: { $0.client === query.client }) else { return false }
        return addresses[address].waiting.allSatisfy {
            $0.since.order >= own.since.order || $0.queries.allSatisfy { $0.came == own.since.instant }
        }
    }

    /// It ended, without having passed if it is among those that wait.
    private func ended(_ exchange: Exchange) {
        let query = exchange.query
        guard query.client.kind != .dongle else { return }
        if let place = unlimited.firstIndex(where: { $0.id == query.id }) {
            unlimited.remove(at: place)
            let isWithdrawn = if case .failure(.withdrawn) = exchange.result { true } else { false }
            return verdict.check("rate", isWithdrawn, "refused without a limit: \(query.summary), \(exchange.outcome)")
        }
        let index = index(of: query)
        guard let place = addresses[index].place(of: query) else { return }
        remove(place, of: index, isTurn: false)
        if case .failure(.withdrawn) = exchange.result { return }
        verdict.check(
            "rate", exchange.result.isOverload && timeline.now == query.deadline,
            "refused at another time than its deadline: \(query.summary), \(exchange.outcome)")
    }

    private func remove(_ place: (client: Int, position: Int)?, of address: Int, isTurn: Bool) {
        guard let place else { return }
        events += 1
        if isTurn { addresses[address].waiting[place.client].since = (events, timeline.now) }
        addresses[address].waiting[place.client].queries.remove(at: place.position)
        addresses[address].waiting.removeAll { $0.queries.isEmpty }
    }

    /// Nobody waits whose turn has come.
    func check() {
        verdict.check("rate", unlimited.isEmpty, "waits without a limit: \(unlimited.first?.summary ?? "")")
        for index in addresses.indices where !addresses[index].waiting.isEmpty {
            fill(index)
            verdict.check(
                "rate", rate != nil && addresses[index].tokens <= 1 + Self.tolerance,
                "waits although it may go: \(addresses[index].waiting[0].queries[0].query.summary)")
        }
    }
}

/// Tells what goes through it, and what comes back.
private final class Gate: Backend {
    private let next: any Backend
    private let whenAsked: (Query) -> Void
    private let whenEnded: (Exchange) -> Void

    init(next: any Backend, whenAsked: @escaping (Query) -> Void, whenEnded: @escaping (Exchange) -> Void) {
        self.next = next
        self.whenAsked = whenAsked
        self.whenEnded = whenEnded
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        whenAsked(query)
        next.submit(query) { [whenEnded] exchange in
            whenEnded(exchange)
            owner.finished(exchange)
        }
    }

    func withdraw(_ query: Query) { next.withdraw(query) }
}

extension Result<RTUFrame, BrokerError> {
    fileprivate var isOverload: Bool { if case .failure(.overloaded) = self { true } else { false } }
}
