internal import Broker
internal import Modbus

/// Which query had its turn, and which others waited: worked out from what the bus is asked, sends and answers (R13).
///
/// Whose request was sent is known only when it ends, and what waited only when all that ended at the same instant has been
/// told. So each turn is judged when time has gone on. A query may be held up by a late reply that is still owed (R4); who
/// waited is then in doubt, and the turn is judged for the order of its own client only.
final class TurnCheck {
    private let settings: BusSettings
    private let timeline: any Timeline
    private let verdict: Verdict
    private var rules: TurnRules
    private var waiting: [Turn.Waiting] = []
    /// Not judged yet, oldest first.
    private var turns: [Turn] = []
    /// The write that waits until its unit has been probed for an echo: it has had its turn (R16).
    private var held: Query.ID?
    private var doubtUntil = Instant.distantPast
    /// Until when a request may be owed a reply.
    private var owed: [RTUFrame: Instant] = [:]
    private var lastSent: RTUFrame?
    private var silentUnits: Set<UnitIdentifier> = []

    init(_ settings: BusSettings, timeline: any Timeline, verdict: Verdict) {
        self.settings = settings
        self.timeline = timeline
        self.verdict = verdict
        rules = TurnRules(verdict: verdict)
    }

    /// Whether a late reply may hold up what waits.
    var isInDoubt: Bool { timeline.now < doubtUntil }

    func asked(_ query: Query) {
        judge()
        if let index = waiting.firstIndex(where: { $0.client === query.client }) {
            waiting[index].queries.append(query)
        } else {
            waiting.append(Turn.Waiting(client: query.client, queries: [query]))
        }
    }

    /// A frame goes to the line.
    func sent(_ frame: RTUFrame) {
        judge()
        lastSent = frame
        turns.append(
            Turn(
                instant: timeline.now, isInDoubt: timeline.now < doubtUntil, isBlurred: holdsDemotedWrite,
                waiting: waiting))
        // Each is told apart by the end of its exchange, just after the next request was sent.
        verdict.check("R13", turns.count <= 2, "a request was sent for nobody before \(frame.summary)")
    }

    /// Whether a write waits for a silent unit: it stands in the class of its client's reads (R11).
    private var holdsDemotedWrite: Bool {
        waiting.contains { $0.queries.contains { !$0.isRead && silentUnits.contains($0.lineUnit) } }
    }

    func ended(_ exchange: Exchange) {
        judge()
        let query = exchange.query
        if let sent = exchange.sent {
            if case .success = exchange.result, let until = owed[query.lineFrame], until > timeline.now {
                doubt(query.lineFrame)
            }
            reveal(query) { $0.instant == sent }
        } else {
            if query.id == held { held = nil }
            endedUnsent(exchange)
        }
        waiting.remove(query)
        judge()
    }

    private func endedUnsent(_ exchange: Exchange) {
        let query = exchange.query
        // It may have left before the turn of this very instant, or after it.
        if let last = turns.indices.last, turns[last].instant == timeline.now, turns[last].waiting.contains(query) {
            turns[last].blur(query.client)
        }
    }

    func observe(_ event: BrokerEvent) {
        switch event {
        // Asked of the line, and not sent yet.
        case .transmitted(_, .part, _): break
        case .transmitted(_, .retry, _), .transmitted(_, .probe, _): turns.removeLast()
        case .transmitted(_, .echoProbe, let client):
            guard let query = waiting.first(where: { $0.client === client })?.queries.first else {
                turns.removeLast()
                return
            }
            reveal(query) { [timeline] in $0.instant == timeline.now }
            held = query.id
        case .attemptFailed(let query, _, _, _):
            doubt(query.lineFrame)
            reveal(query) { [timeline] in $0.instant < timeline.now }
        case .line(.unitSilent(let unit)): silentUnits.insert(unit)
        case .line(.unitLive(let unit)): silentUnits.remove(unit)
        case .line(.closed):
            if let lastSent { doubt(lastSent) }
        case .request, .finished, .discarded, .line, .passthrough, .refused, .client, .donglePort, .admission:
            break
        }
    }

    /// A late reply to this may come, whole or in pieces.
    private func doubt(_ frame: RTUFrame) {
        let until = timeline.now + settings.responseTimeout + settings.lateWindow + settings.longestReply
        owed[frame] = until
        doubtUntil = until
        // The line gets its next request before anybody is told how the last one ended.
        if let last = turns.indices.last, turns[last].instant == timeline.now { turns[last].isInDoubt = true }
    }

    /// The query's request was sent: by the first turn that fulfils this, unless that is known already.
    private func reveal(_ query: Query, where isItsTurn: (Turn) -> Bool) {
        guard let index = turns.firstIndex(where: { $0.query == nil && isItsTurn($0) }) else { return }
        if query.id == held {
            held = nil
            turns.remove(at: index)
            return
        }
        guard waiting.contains(query) else { return }
        turns[index].query = query
        waiting.remove(query)
        for later in turns.indices where later > index { turns[later].waiting.remove(query) }
    }

    private func judge() {
        while let turn = turns.first, turn.query != nil, turn.instant < timeline.now {
            turns.removeFirst()
            rules.judge(turn)
        }
    }
}

extension Query {
    /// As its client asked it.
    var frame: RTUFrame { RTUFrame(unit: clientUnit, pdu: pdu) }

    /// As its line knows it.
    var lineFrame: RTUFrame { RTUFrame(unit: lineUnit, pdu: pdu) }
}
