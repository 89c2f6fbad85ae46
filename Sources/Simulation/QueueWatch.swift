internal import Broker
internal import Modbus

/// What waits for the line, seen from outside the bus: how much it may be, and whose turn it is (R13).
final class QueueWatch: LineBox {
    /// The bus.
    var next: (any Backend)?
    private let capacity: Int
    private let verdict: Verdict
    private let turns: TurnCheck
    private let prompt: PromptCheck
    private var unfinished = 0
    /// Told of every exchange.
    var onEnded: ((Exchange) -> Void)?

    init(_ settings: BusSettings, turns: TurnCheck, prompt: PromptCheck, verdict: Verdict) {
        self.prompt = prompt
        capacity = settings.queueCapacity
        self.turns = turns
        self.verdict = verdict
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        prompt.asked(query, isAlone: unfinished == 0 && !turns.isInDoubt)
        unfinished += 1
        turns.asked(query)
        next?.submit(query) { [self] exchange in
            unfinished -= 1
            turns.ended(exchange)
            prompt.ended(exchange)
            onEnded?(exchange)
            owner.finished(exchange)
        }
    }

    func withdraw(_ query: Query) { next?.withdraw(query) }

    func stop() {}

    /// One more than the queue holds: the query that is on the line.
    func check() {
        prompt.check()
        verdict.check(
            "bounds", unfinished <= capacity + 1, "\(unfinished) queries at the bus, of which \(capacity) may wait")
    }
}
