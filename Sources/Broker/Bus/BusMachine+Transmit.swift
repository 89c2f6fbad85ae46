internal import Modbus

extension BusMachine {
    /// Sends what may be sent now, and completes what need not or cannot be sent any more.
    mutating func dispatch(at now: Instant) {
        while isOpen, loan == .none, case .idle = phase, isQuiet {
            if let upcoming {
                guard sendUpcoming(upcoming, at: now) else { return }
                continue
            }
            if sendOwnRead(at: now) { continue }
            guard queue.count > 0, now >= pacing.nextRequest else { return }
            guard let turn = nextTurn else { return }
            send(turn, at: now)
        }
    }

    /// While what may be a late reply has begun to come, it is waited for; otherwise t3.5 is enough (R7).
    var isQuiet: Bool { debts.isEmpty || !scanner.holdsReply }

    /// - Returns: whether it was dealt with; false: not yet.
    private mutating func sendUpcoming(_ upcoming: Upcoming, at now: Instant) -> Bool {
        switch upcoming {
        case .retry(let attempt):
            guard now >= pacing.nextRetry else { return false }
            self.upcoming = nil
            if mayRetry(attempt, at: now) {
                let entry = QueryQueue.Entry(query: attempt.query, owner: attempt.owner, isOwn: attempt.isOwnRead)
                transmit(entry, number: attempt.number + 1, at: now)
            } else {
                giveUp(attempt, at: now)
            }
        case .write(let entry):
            guard now >= pacing.nextRequest else { return false }
            self.upcoming = nil
            if isTooLate(entry.query, at: now) {
                complete(entry.owner, .failed(entry.query, .expired, at: now))
            } else {
                transmit(entry, at: now)
            }
        }
        return true
    }

    private mutating func send(_ turn: QueryQueue.Turn, at now: Instant) {
        let verdict = turnVerdict(on: turn, at: now)
        if let error = verdict.error ?? (isTooLate(turn.query, at: now) ? .expired : nil) {
            complete(queue.drop(turn).owner, .failed(turn.query, error, at: now))
        } else if echo.knowledge == .unknown, turn.query.needsEchoKnown {
            sendEchoProbe(before: queue.take(turn), at: now)
        } else {
            var entry = queue.take(turn)
            entry.isTry = verdict == .sendOnce
            transmit(entry, at: now)
        }
    }

    /// What holds of a read whose turn has come (R11): its unit may have become silent, or its range may rest.
    private func turnVerdict(on turn: QueryQueue.Turn, at now: Instant) -> UnitHealth.Verdict {
        guard turn.query.isRead, !settings.asksSilentUnits else { return .send }
        return health.turnVerdict(on: turn.query, isTry: turn.isTry, at: now)
    }

    /// Whether its turn has come so late that its answer will hardly come before its deadline.
    ///
    /// A query that has not waited is always sent: on a slow line, too, somebody must find out how slow it is.
    private func isTooLate(_ query: Query, at now: Instant) -> Bool {
        guard let deadline = query.deadline else { return false }
        return deadline <= now || (now + averageReply > deadline && now - query.arrived > averageReply)
    }

    private var nextTurn: QueryQueue.Turn? {
        let debts = debts
        return queue.nextTurn(where: sendable) { debts.isProlonged(by: $0, for: $1) }
    }

    /// Whether no late reply can be taken for a query's answer, or for that of the read that must go before it.
    private var sendable: (Query) -> Bool {
        guard !debts.isEmpty else { return { _ in true } }
        let (debts, isEchoUnknown, broker) = (debts, echo.knowledge == .unknown, broker)
        return { query in
            guard !debts.blocks(query) else { return false }
            return !(isEchoUnknown && query.needsEchoKnown && debts.blocks(.echoProbe(for: query, by: broker)))
        }
    }

    func mayRetry(_ attempt: Attempt, at now: Instant) -> Bool {
        attempt.query.isRead && !attempt.isCompleted && !attempt.isWithdrawn && !attempt.isOnce && !isStopping
            && loan == .none
            && attempt.number <= settings.retries
            && !health.isSilent(attempt.query.lineUnit) && !isTooLate(attempt.query, at: now)
            && !debts.blocks(attempt.query)
    }

    private mutating func sendEchoProbe(before entry: QueryQueue.Entry, at now: Instant) {
        ownQueries += 1
        let probe = Query.echoProbe(for: entry.query, by: broker, number: ownQueries, at: now)
        let frame = RTUFrame(unit: probe.lineUnit, pdu: probe.pdu)
        report(.transmitted(frame, reason: .echoProbe, for: entry.query.client))
        transmit(QueryQueue.Entry(query: probe, owner: nil), probingFor: entry, at: now)
    }

    mutating func transmit(
        _ entry: QueryQueue.Entry, probingFor heldWrite: QueryQueue.Entry? = nil, number: Int = 1, at now: Instant
    ) {
        let query = entry.query
        let frame = RTUFrame(unit: query.lineUnit, pdu: query.pdu)
        frame.write(to: &sentFrame)
        let bytes = sentFrame
        discard(scanner.drain(), .noise)
        echo.transmitted(bytes, isRead: query.isRead)
        lastFrame = nil
        receivedReply.removeAll()
        let end = now + settings.timing.transmissionTime(of: bytes.count)
        pacing.noteTraffic(at: end)
        if !query.isRead { debts.noteWrite(to: query.lineUnit) }
        if number > 1 { report(.transmitted(frame, reason: .retry, for: query.client)) }
        transmission = bytes
        let attempt = Attempt(
            entry, probingFor: heldWrite, number: number, frame: bytes, sent: now, settings: settings)
        if query.isLineBroadcast, !settings.hasTransactions {
            turnAround(until: end + settings.turnaroundDelay)
            complete(entry.owner, attempt.broadcastExchange(at: now))
        } else {
            begin(attempt)
        }
    }
}

extension Query {
    /// Whether its echo could be taken for its reply.
    fileprivate var needsEchoKnown: Bool { !isRead && !isLineBroadcast }

    /// Holding register 0 of the unit: the one read that the broker makes of its own (R16).
    fileprivate static func echoProbe(
        for query: Query, by broker: Client, number: UInt64 = 0, at now: Instant = .start
    ) -> Query {
        Query(
            number: number, client: broker, unit: query.lineUnit,
            pdu: PDU(read: .readHoldingRegisters, address: 0, quantity: 1), isRead: true, arrived: now, deadline: nil)
    }
}

extension Attempt {
    /// Nobody answers a broadcast: the client is told that it was sent, as a unit would echo it.
    fileprivate func broadcastExchange(at now: Instant) -> Exchange {
        let result: Result<RTUFrame, BrokerError> =
            query.pdu.acknowledgement.map { .success(RTUFrame(unit: query.lineUnit, pdu: $0)) } ?? .failure(.noReply)
        return Exchange(
            query: query, result: result, source: .broker, attempts: number, sent: sent, finished: now)
    }
}
