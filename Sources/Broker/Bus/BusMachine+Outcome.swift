internal import Modbus

extension BusMachine {
    /// The reply to what is on the line has come.
    mutating func succeed(with frame: RTUFrame, at now: Instant) {
        guard let attempt = takeAttempt() else { return }
        isUseful = true
        echo.ended(hasReply: true)
        noteReply(after: now - attempt.sent)
        settle(attempt)
        noteAnswer(frame, to: attempt, at: now)
        if attempt.isEchoProbe {
            discard(frame.bytes, .echoProbe)
            concludeEchoProbe(attempt, at: now)
        } else if attempt.isOwnRead {
            discard(frame.bytes, .probe)
        } else if attempt.isCompleted {
            discard(frame.bytes, .afterDeadline)
        } else {
            complete(attempt.owner, attempt.exchange(.success(frame), at: now))
        }
    }

    private mutating func noteReply(after duration: Duration) {
        averageReply = averageReply == .zero ? duration : averageReply + (duration - averageReply) / 8
    }

    /// What is on the line gets no reply, or a damaged one, which settles it.
    mutating func fail(isSettled: Bool, at now: Instant) {
        guard var attempt = takeAttempt() else { return }
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
        if isSettled || receivedReply.names(attempt.query) {
            attempt.hasSign = true
            noteSign(of: attempt.query.lineUnit, at: now)
        }
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

    private mutating func concludeEchoProbe(_ attempt: Attempt, at now: Instant) {
        guard let entry = attempt.heldWrite else { return }
        upcoming = .write(entry)
        if isStopping { completeUpcoming(.stopping, at: now) }
        if loan != .none { completeUpcoming(.lent, at: now) }
    }

    /// The query has failed after its retries.
    mutating func giveUp(_ attempt: Attempt, at now: Instant) {
        if !attempt.hasSign { noteFailure(of: attempt, at: now) }
        if !attempt.isCompleted { complete(attempt.owner, attempt.exchange(.failure(.noReply), at: now)) }
        reopenIfWedged(at: now)
    }
}
