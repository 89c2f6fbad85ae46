internal import Broker
internal import Modbus

/// Every request of every client from its arrival to its end (R8), and how many of them are open at once.
final class QueryLedger {
    private let verdict: Verdict
    private let timeline: any Timeline
    private let timeToAnswer: Duration
    private var open: [Query.ID: Query] = [:]
    private var openOf: [ObjectIdentifier: Int] = [:]
    /// Who has asked since the last check of the bound.
    private var askers: [Client] = []
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
        openOf[ObjectIdentifier(query.client), default: 0] += 1
        askers.append(query.client)
    }

    func finished(_ exchange: Exchange, isSuperseded: Bool) {
        let query = exchange.query
        verdict.check("R8", open.removeValue(forKey: query.id) != nil, "completed twice: \(query.summary)")
        completed += 1
        openOf[ObjectIdentifier(query.client), default: 0] -= 1
        guard query.client.kind == .tcp, !isSuperseded else { return }
        let took = timeline.now - query.arrived
        verdict.check("R8", took <= timeToAnswer, "completed after \(took): \(query.summary), \(exchange.outcome)")
    }

    /// One client may have 16 requests open, be it a connection or the dongle.
    func checkBound() {
        for client in askers {
            let count = openOf[ObjectIdentifier(client)] ?? 0
            verdict.check("bounds", count <= 16, "\(client.name) has \(count) requests open")
        }
        askers = []
    }

    private var openQueries: String {
        open.values.map { "\($0.client.name) \($0.clientUnit) \($0.pdu.bytes.prefix(5)) of \($0.arrived)" }.sorted()
            .joined(separator: ", ")
    }

    func checkEnd() {
        verdict.check("R8", open.isEmpty, "never completed: \(openQueries)")
    }
}
