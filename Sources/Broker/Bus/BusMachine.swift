internal import Modbus

/// What a ``BusMachine`` wants done.
enum BusEffect {
    case complete(any QueryOwner, Exchange)
    case report(BrokerEvent)
    /// Close the port and open it again: an adapter may have wedged (R12).
    case reopen
    /// Tell the borrower of the line.
    case lent(LoanEvent)
}

/// Everything that is decided about one line: whose turn it is, when, what a reply belongs to, and when to give up.
///
/// Every input takes the instant at which it happened; ``takeEffects(at:into:)`` then says what has to be done. Nothing is
/// performed here.
struct BusMachine {
    enum Phase {
        case idle
        /// ``BusMachine/attempt`` is on the line.
        case onLine
        /// A broadcast was sent, which nobody answers.
        case turnaround(until: Instant)
    }

    private enum Port: Equatable {
        case closed
        /// The first attempt to open the port is under way: queries wait.
        case opening(until: Instant)
        case open
    }

    /// What goes to the line before anything in the queue.
    enum Upcoming {
        /// A read that got no reply, for the time that is given.
        case retry(Attempt)
        /// The write that the echo probe was sent for.
        case write(QueryQueue.Entry)
    }

    private(set) var settings: BusSettings
    var queue = QueryQueue()
    var debts: DebtLedger
    var health = LineHealth()
    var echo: EchoKnowledge
    var scanner: RTUReplyScanner
    /// What has come since the last transmission.
    var receivedReply = ReceivedReply()
    var pacing: Pacing
    /// From transmission to the end of the reply: a moving average over about eight; 0: no reply yet.
    var averageReply: Duration = .zero
    private(set) var phase = Phase.idle
    /// What is on the line; nil in every other phase. Changed where it stands: a copy costs as much as a decision.
    var attempt: Attempt?
    var upcoming: Upcoming?
    /// The broker's own read that goes as soon as no debt is in its way (R11).
    var ownRead: QueryQueue.Entry?
    /// The reply that came last, since the last transmission.
    var lastFrame: RTUFrame?
    private var port = Port.closed
    private(set) var lastClosed = Instant.distantPast
    var isStopping = false
    var loan = Loan.none
    /// The end of the borrower's last transmission.
    var lentUntil = Instant.distantPast
    /// What has to be done, after what has to be sent.
    var effects: [BusEffect] = []
    /// The frame that was sent last. Unless somebody keeps it, its storage serves the next one.
    var sentFrame: [UInt8] = []
    /// The frame that goes to the line now.
    var transmission: [UInt8]?
    /// Whether something useful has come over the link (R12).
    var isUseful = false
    /// The numbers of the broker's own queries, and who is named as their client.
    let broker = Client(kind: .background, name: "BROKER", address: "BROKER")
    var ownQueries: UInt64 = 0

    /// How long queries wait for the first attempt to open the port.
    static let openingPatience: Duration = .seconds(3)
    /// No adapter is exchanged for another within this time.
    private static let adapterChange: Duration = .seconds(2)

    init(settings: BusSettings) {
        self.settings = settings
        debts = DebtLedger(isNeeded: !settings.hasTransactions || settings.ignoresTransactions)
        echo = EchoKnowledge(isForced: settings.localEcho, isPossible: !settings.hasTransactions)
        scanner = RTUReplyScanner()
        pacing = Pacing(settings)
    }

    /// Takes other settings. What is on the line runs by the old ones, whose deadlines it has already.
    mutating func apply(_ settings: BusSettings) {
        echo.apply(isForced: settings.localEcho)
        self.settings = settings
        pacing.apply(settings)
    }

    /// Does what the time has brought about, and hands out what has to be done.
    ///
    /// - Parameter list: an empty list, which gets the effects; the machine keeps its storage for the next ones.
    mutating func takeEffects(
        at now: Instant, into list: inout [BusEffect]
    ) -> (transmission: [UInt8]?, isUseful: Bool) {
        advance(to: now)
        defer {
            transmission = nil
            isUseful = false
        }
        if !effects.isEmpty { swap(&effects, &list) }
        return (transmission, isUseful)
    }

    /// Whether nothing is on the line and nothing waits.
    var isIdle: Bool {
        if case .idle = phase, upcoming == nil, queue.count == 0 { true } else { false }
    }

    /// Whether a bus that stops has come to its end: whoever opens the line after it would take for an answer what it is
    /// still owed (R4).
    var isFinished: Bool { isIdle && debts.isEmpty }

    mutating func submit(_ query: Query, for owner: any QueryOwner, at now: Instant) {
        if let error = refusal {
            complete(owner, .failed(query, error, at: now))
            return
        }
        var entry = QueryQueue.Entry(query: query, owner: owner)
        if query.isRead, !settings.asksSilentUnits {
            switch health.verdict(on: query, at: now) {
            case .send: break
            case .sendOnce: entry.isTry = true
            case .refuse(let error): return complete(owner, .failed(query, error, at: now))
            }
        }
        entry.isDemoted = !query.isRead && health.isSilent(query.lineUnit)
        queue.append(entry)
        if queue.count > settings.queueCapacity, let surplus = queue.removeSurplus() {
            complete(surplus.owner, .failed(surplus.query, .overloaded, at: now))
        }
    }

    private var refusal: BrokerError? {
        if isStopping { return .stopping }
        if loan != .none { return .lent }
        return port == .closed ? .unavailable : nil
    }

    mutating func withdraw(_ id: Query.ID, at now: Instant) {
        if let entry = queue.remove(id) {
            complete(entry.owner, .failed(entry.query, .withdrawn, at: now))
        } else if case .write(let entry) = upcoming, entry.query.id == id {
            upcoming = nil
            complete(entry.owner, .failed(entry.query, .withdrawn, at: now))
        } else if case .retry(let attempt) = upcoming, attempt.query.id == id {
            upcoming = nil
            giveUp(attempt, at: now)
        } else if let entry = attempt?.heldWrite, entry.query.id == id {
            attempt?.heldWrite = nil
            complete(entry.owner, .failed(entry.query, .withdrawn, at: now))
        } else if attempt?.query.id == id {
            attempt?.isWithdrawn = true
        }
    }

    var isOpen: Bool { port == .open }

    /// When queries no longer wait for the first attempt to open the port; nil: no attempt is under way.
    var openingEnd: Instant? {
        if case .opening(let end) = port { end } else { nil }
    }

    /// The port is about to be opened for the first time. Queries wait: mostly the line is there in a moment, and 0x0A
    /// would report a fault that nothing has shown yet (R12).
    mutating func opening(at now: Instant) {
        if port == .closed { port = .opening(until: now + Self.openingPatience) }
    }

    /// The port could not be opened, or takes too long.
    mutating func notOpened(at now: Instant) {
        guard openingEnd != nil else { return }
        port = .closed
        completeWaiting(.unavailable, at: now)
    }

    mutating func opened(at now: Instant) {
        port = .open
        health.noteOpened(at: now)
        let isSameAdapter = settings.isBehindServer && now - lastClosed < Self.adapterChange
        if !isSameAdapter { echo.reset() }
        pacing.noteTraffic(at: now)
        report(.line(.opened))
    }

    mutating func closed(_ reason: String, at now: Instant) {
        guard isOpen else { return }
        port = .closed
        lastClosed = now
        abandonAttempt(at: now)
        completeWaiting(.unavailable, at: now)
        discard(scanner.drain(), .noise)
        report(.line(.closed(reason: reason)))
    }

    /// Answers what waits; what is on the line runs to its end.
    mutating func stop(at now: Instant) {
        isStopping = true
        completeWaiting(.stopping, at: now)
    }

    /// Answers everything that is not on the line.
    mutating func completeWaiting(_ error: BrokerError, at now: Instant) {
        dropOwnRead(at: now)
        completeUpcoming(error, at: now)
        for entry in queue.removeAll(where: { _ in true }) {
            complete(entry.owner, .failed(entry.query, error, at: now))
        }
    }

    /// The line is gone while a request is on it. A write may have been executed: its outcome is unknown.
    private mutating func abandonAttempt(at now: Instant) {
        guard let attempt = takeAttempt() else { return }
        echo.abandon()
        if attempt.isOwnRead { health.ownReadEnded(of: attempt.query.lineUnit, hasFailed: false, at: now) }
        debts.add(attempt.query, shape: attempt.shape, expires: attempt.responseDeadline + settings.lateWindow)
        if let entry = attempt.heldWrite {
            complete(entry.owner, .failed(entry.query, .unavailable, at: now))
        } else if !attempt.isCompleted {
            let error: BrokerError = attempt.query.isRead ? .unavailable : .noReply
            complete(attempt.owner, attempt.exchange(.failure(error), at: now))
        }
    }

    mutating func completeUpcoming(_ error: BrokerError, at now: Instant) {
        defer { upcoming = nil }
        switch upcoming {
        case .write(let entry): complete(entry.owner, .failed(entry.query, error, at: now))
        case .retry(let attempt):
            if attempt.isOwnRead { health.ownReadEnded(of: attempt.query.lineUnit, hasFailed: false, at: now) }
            complete(attempt.owner, attempt.exchange(.failure(error), at: now))
        case nil: break
        }
    }
}

extension BusMachine {
    /// The request is on the line.
    mutating func begin(_ attempt: Attempt) {
        self.attempt = attempt
        phase = .onLine
    }

    /// No unit answers what was sent.
    mutating func turnAround(until end: Instant) { phase = .turnaround(until: end) }

    /// Ends the wait for a reply.
    ///
    /// - Returns: what was on the line.
    mutating func takeAttempt() -> Attempt? {
        phase = .idle
        return attempt.take()
    }

    /// - Parameter owner: nil: the broker's own query.
    mutating func complete(_ owner: (any QueryOwner)?, _ exchange: Exchange) {
        if let owner { effects.append(.complete(owner, exchange)) }
    }

    mutating func report(_ event: BrokerEvent) {
        effects.append(.report(event))
    }

    mutating func discard(_ bytes: [UInt8], _ reason: BrokerEvent.DiscardReason) {
        if !bytes.isEmpty { report(.discarded(bytes, from: .line, reason: reason)) }
    }
}
