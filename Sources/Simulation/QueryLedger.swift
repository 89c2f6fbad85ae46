internal import Broker
internal import Modbus

/// Every request of every client from its arrival to its end (R8, R10, R13).
final class QueryLedger {
    private let verdict: Verdict
    private let timeline: any Timeline
    private let timeToAnswer: Duration
    private var open: [Query.ID: Query] = [:]
    /// For each TCP client's address: how many of its requests were answered by a unit, and how many were made.
    private(set) var turns: [String: (answered: Int, asked: Int)] = [:]
    private(set) var completed = 0

    init(verdict: Verdict, timeline: any Timeline, timeToAnswer: Duration) {
        self.verdict = verdict
        self.timeline = timeline
        self.timeToAnswer = timeToAnswer
    }

    var openCount: Int { open.count }

    func asked(_ query: Query) {
        verdict.check("R8", open[query.id] == nil, "a query's name is used twice")
        open[query.id] = query
        turns[query.client.address, default: (0, 0)].asked += 1
    }

    func finished(_ exchange: Exchange, isSuperseded: Bool) {
        let query = exchange.query
        verdict.check("R8", open.removeValue(forKey: query.id) != nil, "completed twice: \(query.summary)")
        completed += 1
        if case .success = exchange.result { turns[query.client.address, default: (0, 0)].answered += 1 }
        guard query.client.kind == .tcp, !isSuperseded else { return }
        let took = timeline.now - query.arrived
        verdict.check("R8", took <= timeToAnswer, "completed after \(took): \(query.summary), \(exchange.outcome)")
    }

    private var openQueries: String {
        open.values.map { "\($0.client.name) \($0.unit) \($0.pdu.bytes.prefix(5)) of \($0.arrived)" }.sorted()
            .joined(separator: ", ")
    }

    func checkEnd() {
        verdict.check("R8", open.isEmpty, "never completed: \(openQueries)")
    }
}
