internal import Broker
internal import Modbus

/// Every request of every client from its arrival to its end (R8), how many of them are open at once, and what holds for
/// each as of its arrival.
final class QueryLedger {
    private struct Entry {
        let query: Query
        var judgement: Judgement
    }

    private let verdict: Verdict
    private let timeline: any Timeline
    private let timeToAnswer: Duration
    private var open: [Query.ID: Entry] = [:]
    /// In the order of their arrival.
    private var openOf: [ObjectIdentifier: [Query.ID]] = [:]
    /// Who has asked since the last check of the bound.
    private var askers: [Client] = []
    private(set) var completed = 0

    init(verdict: Verdict, timeline: any Timeline, timeToAnswer: Duration) {
        self.verdict = verdict
        self.timeline = timeline
        self.timeToAnswer = timeToAnswer
    }

    var openCount: Int { open.count }

    /// - Parameter judgement: of the request alone.
    func asked(_ query: Query, _ judgement: Judgement) {
        verdict.check("R8", open[query.id] == nil, "a query's name is used twice")
        let client = ObjectIdentifier(query.client)
        var judgement = judgement
        for earlier in openOf[client, default: []].compactMap({ open[$0] }) where earlier.query.frame == query.frame {
            judgement.join(earlier.judgement)
        }
        judgement.noteAsked(isRead: query.isRead)
        open[query.id] = Entry(query: query, judgement: judgement)
        openOf[client, default: []].append(query.id)
        askers.append(query.client)
    }

    /// - Returns: what holds for it; nil: it was not asked, or has ended before.
    func finished(_ exchange: Exchange, isSuperseded: Bool) -> Judgement? {
        let query = exchange.query
        let entry = open.removeValue(forKey: query.id)
        verdict.check("R8", entry != nil, "completed twice: \(query.summary)")
        completed += 1
        openOf[ObjectIdentifier(query.client)]?.removeAll { $0 == query.id }
        guard query.client.kind == .tcp, !isSuperseded else { return entry?.judgement }
        let took = timeline.now - query.arrived
        verdict.check("R8", took <= timeToAnswer, "completed after \(took): \(query.summary), \(exchange.outcome)")
        return entry?.judgement
    }

    /// Changes what holds for the requests that have not ended. Their order does not matter.
    func review(_ change: (inout Judgement, Query) -> Void) {
        for id in open.keys {
            if var entry = open[id] {
                change(&entry.judgement, entry.query)
                open[id] = entry
            }
        }
    }

    /// One client may have 16 requests open, be it a connection or the dongle.
    func checkBound() {
        for client in askers {
            let count = openOf[ObjectIdentifier(client)]?.count ?? 0
            verdict.check("bounds", count <= 16, "\(client.name) has \(count) requests open")
        }
        askers = []
    }

    private var openQueries: String {
        open.values.map(\.query).map { "\($0.client.name) \($0.clientUnit) \($0.pdu.bytes.prefix(5)) of \($0.arrived)" }
            .sorted().joined(separator: ", ")
    }

    func checkEnd() {
        verdict.check("R8", open.isEmpty, "never completed: \(openQueries)")
    }
}
