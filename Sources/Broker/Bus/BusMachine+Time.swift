internal import Modbus

extension BusMachine {
    /// Does what the time has brought about. Called after every input, and at ``prepareWake(after:)``.
    mutating func advance(to now: Instant) {
        // What has begun to come may be a late reply: its debt stays open until that is known.
        if let openingEnd, openingEnd <= now { notOpened(at: now) }
        debts.expire(at: scanner.holdsReply ? now - settings.longestReply : now)
        expireQueue(at: now)
        expireUpcoming(at: now)
        switch phase {
        case .onLine: checkAttempt(at: now)
        case .turnaround(let until): if until <= now { _ = takeAttempt() }
        case .idle: break
        }
        if case .idle = phase, let awaits = scanner.awaits,
            pacing.lastActivity + settings.timing.length(of: awaits) <= now
        {
            noteSilence(awaits, at: now)
        }
        dispatch(at: now)
        beginLoan(at: now)
    }

    private mutating func expireQueue(at now: Instant) {
        guard queue.earliestDeadline <= now else { return }
        let expired = queue.removeAll { query in query.deadline.map { $0 <= now } ?? false }
        // While the port is opened for the first time it is the line that is missing, not a turn.
        let error: BrokerError = openingEnd == nil ? .expired : .unavailable
        for entry in expired { complete(entry.owner, .failed(entry.query, error, at: now)) }
    }

    private mutating func expireUpcoming(at now: Instant) {
        guard let deadline = upcoming?.deadline, deadline <= now, let upcoming = upcoming.take() else { return }
        switch upcoming {
        case .write(let entry): complete(entry.owner, .failed(entry.query, .expired, at: now))
        case .retry(let attempt): giveUp(attempt, at: now)
        }
    }

    /// The silence that ends what has come of a reply, and when it will have lasted long enough.
    private var silenceEnd: (AwaitedSilence, Instant)? {
        guard let lastByte = attempt?.lastByte, let awaits = scanner.awaits else { return nil }
        return (awaits, lastByte + settings.timing.length(of: awaits))
    }

    /// When a damaged reply has been all that comes, and so settles the attempt; nil if none has come, or if what has come
    /// may be somebody else's late exception.
    private var damageEnd: Instant? {
        guard let lastByte = attempt?.lastByte, let shape = attempt?.shape, receivedReply.isDamaged(shape),
            !mayOweException
        else { return nil }
        return lastByte + settings.timing.frameEnd
    }

    /// Whether an exception that has come, or a damaged one, could as well be the late answer to another request.
    var mayOweException: Bool { attempt.map { debts.mayOweException(insteadOf: $0.query) } ?? false }

    private mutating func checkAttempt(at now: Instant) {
        if let end = damageEnd, end <= now {
            fail(isSettled: true, at: now)
            return
        }
        if let (awaits, end) = silenceEnd, end <= now {
            noteSilence(awaits, at: now)
        }
        guard let response = attempt?.responseDeadline, let reply = attempt?.replyDeadline else { return }
        let isReceiving = scanner.awaits != nil
        if now >= reply || (now >= response && !isReceiving) {
            fail(isSettled: false, at: now)
        } else {
            completeIfExpired(at: now)
        }
    }

    /// The client is told in time; the exchange runs to its end (R8).
    private mutating func completeIfExpired(at now: Instant) {
        guard let deadline = attempt?.deadline, deadline <= now else { return }
        if let entry = attempt?.heldWrite {
            attempt?.heldWrite = nil
            complete(entry.owner, .failed(entry.query, .expired, at: now))
        } else if let exchange = attempt?.exchange(.failure(.expiredOnLine), at: now) {
            attempt?.isCompleted = true
            complete(attempt?.owner, exchange)
        }
    }

    /// When something may have to be done next if nothing happens before; nil: never.
    ///
    /// Changes nothing; of a machine that is read only, Swift would make a copy.
    mutating func prepareWake(after now: Instant) -> Instant? {
        var wake = queue.earliestDeadline
        switch phase {
        case .turnaround(let until): wake = min(wake, until)
        case .onLine: wake = min(wake, nextWakeOfAttempt)
        case .idle:
            if let awaits = scanner.awaits {
                wake = min(wake, pacing.lastActivity + settings.timing.length(of: awaits))
            }
            if isOpen { wake = min(wake, nextDispatch(after: now)) }
            wake = min(wake, nextLoan, openingEnd ?? .distantFuture)
            if isStopping, isQuiet, let expiry = debts.nextExpiry { wake = min(wake, expiry) }
        }
        return wake == .distantFuture ? nil : wake
    }

    private var nextWakeOfAttempt: Instant {
        var wake = min(attempt?.replyDeadline ?? .distantFuture, attempt?.deadline ?? .distantFuture)
        if let end = damageEnd { wake = min(wake, end) }
        if let (_, end) = silenceEnd { return min(wake, end) }
        return min(wake, attempt?.responseDeadline ?? .distantFuture)
    }

    private func nextWake(of upcoming: Upcoming) -> Instant {
        let turn =
            switch upcoming {
            case .retry: pacing.nextRetry
            case .write: pacing.nextRequest
            }
        return min(turn, upcoming.deadline ?? .distantFuture)
    }

    private func nextDispatch(after now: Instant) -> Instant {
        if let upcoming {
            return isQuiet ? nextWake(of: upcoming) : upcoming.deadline ?? .distantFuture
        }
        guard isQuiet, loan == .none else { return .distantFuture }
        let own = nextOwnRead(after: now)
        guard queue.count > 0 else { return own }
        return min(own, nextTurn(after: now))
    }

    private func nextTurn(after now: Instant) -> Instant {
        let next = pacing.nextRequest
        // Where all that waits is held up by debts, the first of them to end.
        return next > now ? next : debts.nextExpiry ?? now
    }
}

extension BusMachine.Upcoming {
    /// When the client must have been told something.
    fileprivate var deadline: Instant? {
        switch self {
        case .retry(let attempt): attempt.deadline
        case .write(let entry): entry.query.deadline
        }
    }
}
