internal import Modbus

extension BusMachine {
    mutating func succeed(_ attempt: Attempt, with frame: RTUFrame, at now: Instant) {
        phase = .idle
        echo.ended(hasReply: true)
        estimate.note(now - attempt.sent)
        settle(attempt)
        noteReply(of: frame.unit, at: now)
        if attempt.query.unit != frame.unit { noteReply(of: attempt.query.unit, at: now) }
        if attempt.isEchoProbe {
            discard(frame.bytes, .echoProbe)
            concludeEchoProbe(attempt, at: now)
        } else if attempt.isCompleted {
            discard(frame.bytes, .afterDeadline)
        } else {
            complete(attempt.done, attempt.exchange(.success(frame), at: now))
        }
    }

    /// - Parameter isSettled: whether a damaged reply has come, so that no other will.
    mutating func fail(_ attempt: Attempt, isSettled: Bool, at now: Instant) {
        phase = .idle
        echo.ended(hasReply: false)
        discard(scanner.drain(), .noise)
        if isSettled {
            settle(attempt)
        } else {
            debts.add(attempt.query, shape: attempt.shape, expires: now + settings.lateWindow)
        }
        report(
            .attemptFailed(
                attempt.query, attempt: attempt.number, timeout: settings.responseTimeout, isDamaged: isSettled))
        if attempt.isEchoProbe {
            concludeEchoProbe(attempt, at: now)
        } else if mayRetry(attempt, at: now) {
            upcoming = .retry(attempt)
        } else {
            giveUp(attempt, at: now)
        }
    }

    /// A reply has come. If an identical request before it is still owed one, nobody knows which of the two was answered:
    /// the other answer may still come.
    private mutating func settle(_ attempt: Attempt) {
        guard debts.settleOldest(identicalTo: attempt.query) else { return }
        debts.add(attempt.query, shape: attempt.shape, expires: attempt.responseDeadline + settings.lateWindow)
    }

    mutating func noteReply(of unit: UnitIdentifier, at now: Instant) {
        if health.replied(unit, at: now) { report(.line(.unitLive(unit))) }
    }

    private mutating func concludeEchoProbe(_ attempt: Attempt, at now: Instant) {
        guard let entry = attempt.heldWrite else { return }
        upcoming = .write(entry)
        if isStopping { completeUpcoming(.stopping, at: now) }
        if loan != .none { completeUpcoming(.overloaded, at: now) }
    }

    /// The query has failed after its retries.
    mutating func giveUp(_ attempt: Attempt, at now: Instant) {
        let unit = attempt.query.unit
        if health.failed(unit, isRead: attempt.query.isRead, at: now) {
            report(.line(.unitSilent(unit)))
            completeReads(of: unit, at: now)
        }
        if !attempt.isCompleted { complete(attempt.done, attempt.exchange(.failure(.noReply), at: now)) }
        reopenIfWedged(at: now)
    }

    /// The reads of a silent unit are answered at once (R11).
    mutating func completeReads(of unit: UnitIdentifier, at now: Instant) {
        for entry in queue.removeAll(where: { $0.unit == unit && $0.isRead }) {
            complete(entry.done, .failed(entry.query, .silentUnit, at: now))
        }
    }

    /// If all units have been silent for a minute, the adapter may have wedged without an error (R12).
    private mutating func reopenIfWedged(at now: Instant) {
        let minute: Duration = .seconds(60)
        guard isOpen, loan == .none, now - lastOpened >= minute, health.isAllSilent(for: minute, at: now) else {
            return
        }
        closed("all units are silent", at: now)
        effects.append(.reopen)
    }
}
