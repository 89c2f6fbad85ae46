internal import Modbus

/// What the machine makes of signs of life and of silence (R11, R12).
extension BusMachine {
    /// A unit has given a sign of life.
    mutating func noteSign(of unit: UnitIdentifier, at now: Instant) {
        for unit in health.noteSign(of: unit, at: now) {
            report(.line(.unitLive(unit)))
            setDemoted(false, writesTo: unit)
        }
    }

    /// A reply has come, which may be a gateway's word for silence.
    mutating func noteAnswer(_ frame: RTUFrame, to attempt: Attempt, at now: Instant) {
        if isWordForSilence(frame.pdu) {
            health.noteLineAlive(at: now)
            noteFailure(of: attempt, at: now)
            return
        }
        noteSign(of: frame.unit, at: now)
        if attempt.query.lineUnit != frame.unit { noteSign(of: attempt.query.lineUnit, at: now) }
        let isException = frame.pdu.function.isException
        if attempt.query.isRead {
            // An exception of a gateway may be its own word, and tells nothing of the unit's registers.
            let makesKnown = !(isException && settings.hasTransactions)
            health.noteAnswer(to: attempt.query, makesKnown: makesKnown, at: now)
        } else if !isException {
            health.noteAnswer(to: attempt.query, makesKnown: false, at: now)
        }
    }

    private func isWordForSilence(_ reply: PDU) -> Bool {
        guard settings.hasTransactions, let code = reply.exceptionCode else { return false }
        return code == .gatewayPathUnavailable || code == .gatewayTargetFailedToRespond
            || settings.silenceCodes.contains(code)
    }

    /// A query met nothing, with its retries.
    mutating func noteFailure(of attempt: Attempt, at now: Instant) {
        let unit = attempt.query.lineUnit
        if attempt.isOwnRead { health.ownReadEnded(of: unit, hasFailed: true, at: now) }
        health.noteUnanswered(attempt.query)
        guard health.noteFailure(of: attempt.query, attempts: attempt.number, at: now) else { return }
        report(.line(.unitSilent(unit)))
        setDemoted(true, writesTo: unit)
        completeHopeless(of: unit, at: now)
    }

    /// Of the reads that wait for a unit that has fallen silent those are answered that are no tries.
    private mutating func completeHopeless(of unit: UnitIdentifier, at now: Instant) {
        guard !settings.asksSilentUnits else { return }
        var health = health
        let hopeless = queue.review(where: { $0.lineUnit == unit && $0.isRead }) { entry in
            entry.isTry = health.verdict(on: entry.query, at: now) == .sendOnce
            return entry.isTry
        }
        self.health = health
        for entry in hopeless { complete(entry.owner, .failed(entry.query, .silentUnit, at: now)) }
    }

    private mutating func setDemoted(_ isDemoted: Bool, writesTo unit: UnitIdentifier) {
        _ = queue.review(where: { $0.lineUnit == unit && !$0.isRead }) { entry in
            entry.isDemoted = isDemoted
            return true
        }
    }

    /// Closes the port and opens it again if nothing answers although it is asked (R12).
    mutating func reopenIfWedged(at now: Instant) {
        guard isOpen, loan == .none, health.takeReopening(at: now) else { return }
        closed("nothing answers", at: now)
        effects.append(.reopen)
    }
}

/// The broker's own reads (R11).
extension BusMachine {
    /// - Returns: whether one was sent.
    mutating func sendOwnRead(at now: Instant) -> Bool {
        guard !isStopping, now >= pacing.nextRequest else { return false }
        if ownRead == nil, let next = health.takeOwnRead(at: now) {
            ownQueries += 1
            let query = Query(
                number: ownQueries, client: broker, unit: next.unit, pdu: next.range.request, isRead: true,
                arrived: now,
                deadline: nil)
            ownRead = QueryQueue.Entry(query: query, owner: nil, isTry: health.isSilent(next.unit), isOwn: true)
        }
        guard let entry = ownRead, !debts.blocks(entry.query) else { return false }
        ownRead = nil
        // The unit that was to be probed may have answered somebody meanwhile.
        guard !entry.isTry || health.isSilent(entry.query.lineUnit) else { return false }
        report(.transmitted(RTUFrame(unit: entry.query.lineUnit, pdu: entry.query.pdu), reason: .probe, for: broker))
        transmit(entry, at: now)
        return true
    }

    /// When the broker may send a read of its own.
    func nextOwnRead(after now: Instant) -> Instant {
        guard !isStopping, isOpen else { return .distantFuture }
        if ownRead != nil { return max(pacing.nextRequest, debts.nextExpiry ?? now) }
        return health.nextOwnRead(after: now).map { max($0, pacing.nextRequest) } ?? .distantFuture
    }

    mutating func dropOwnRead(at now: Instant) {
        guard let entry = ownRead else { return }
        ownRead = nil
        health.ownReadEnded(of: entry.query.lineUnit, hasFailed: false, at: now)
    }
}
