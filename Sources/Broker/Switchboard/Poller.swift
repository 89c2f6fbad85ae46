/// A client of the broker's own, which reads what a plan names once a second, one read after the other.
///
/// A round that takes longer is followed by the next at once.
final class Poller: QueryOwner {
    private static let period: Duration = .seconds(1)

    let reads: [SwitchboardPlan.Poll]
    let timeToAnswer: Duration
    let line: LineNumber
    private let client = Client(kind: .background, name: "POLL", address: "POLL")
    private let next: any Backend
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private var timer: (any WakeTimer)?
    private var number: UInt64 = 0
    private var position = 0
    private var roundBegan = Instant.start
    private var isStopped = false

    init(
        _ reads: [SwitchboardPlan.Poll], of line: LineNumber, timeToAnswer: Duration, timeline: any Timeline,
        next: any Backend, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.reads = reads
        self.line = line
        self.timeToAnswer = timeToAnswer
        self.timeline = timeline
        self.next = next
        self.observe = observe
        timer = timeline.makeTimer { [weak self] in self?.read() }
    }

    func start() {
        if !reads.isEmpty, !isStopped { timer?.set(timeline.now) }
    }

    func stop() {
        isStopped = true
        timer?.set(nil)
    }

    /// The next read of the round, or the first of a new one.
    ///
    /// Called by the timer only: a backend that answers at once must not be asked from within its answer.
    private func read() {
        guard !isStopped else { return }
        if position == reads.count { position = 0 }
        let now = timeline.now
        if position == 0 { roundBegan = now }
        let poll = reads[position]
        position += 1
        number += 1
        let query = Query(
            number: number, client: client, unit: poll.unit,
            destination: Destination(line: line, unit: poll.unit), pdu: poll.pdu, isRead: true, arrived: now,
            deadline: now + timeToAnswer)
        observe(.request(query))
        next.submit(query, for: self)
    }

    func finished(_ exchange: Exchange) {
        observe(.finished(exchange, .delivered))
        guard !isStopped else { return }
        let now = timeline.now
        timer?.set(position < reads.count ? now : max(now, roundBegan + Self.period))
    }
}
