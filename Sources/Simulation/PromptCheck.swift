internal import Broker

/// A line that is idle and well takes a query as soon as its own pauses allow, whatever happens on other lines (R1, R12).
///
/// It is idle and well when it is plugged in, nothing waits for it, the last exchange has had its answer, and no late reply
/// can be owed.
final class PromptCheck {
    private let settings: BusSettings
    private let actor: LineActor
    private let timeline: any Timeline
    private let verdict: Verdict
    /// The query that the line should take, and when it came.
    private var awaited: (query: Query, asked: Instant)?
    private var isAnswered = true
    /// Whether its line has the device, and is not to let it go.
    var isOpen = false {
        didSet { if !isOpen { awaited = nil } }
    }

    init(_ settings: BusSettings, actor: LineActor, timeline: any Timeline, verdict: Verdict) {
        self.settings = settings
        self.actor = actor
        self.timeline = timeline
        self.verdict = verdict
    }

    /// - Parameter isAlone: whether nothing else waits for the line, and no reply is in doubt.
    func asked(_ query: Query, isAlone: Bool) {
        let isAtRest = isAnswered || timeline.now >= actor.openUntil + settings.longestReply
        guard isAlone, isAtRest, isOpen, actor.isPlugged else { return }
        awaited = (query, timeline.now)
    }

    /// Something goes to the line: for this query, or for the broker's own read before it.
    func sent() {
        awaited = nil
        isAnswered = false
    }

    func ended(_ exchange: Exchange) {
        // A write to all units is acknowledged at once, and the line is left to them for a while.
        if exchange.source == .bus, exchange.sent == actor.lastSent { isAnswered = true }
        guard let awaited, awaited.query.id == exchange.query.id else { return }
        self.awaited = nil
        if case .failure(.overloaded) = exchange.result {
            verdict.check("R8", false, "an idle line was too busy: \(exchange.query.summary)")
        }
    }

    func check() {
        guard let awaited, actor.isPlugged else { return }
        let pause = max(settings.minPeriod, settings.timing.interFrameSilence)
        let latest = max(awaited.asked, actor.lastByte + pause)
        verdict.check("R12", timeline.now <= latest, "an idle line does not take \(awaited.query.summary)")
    }
}
