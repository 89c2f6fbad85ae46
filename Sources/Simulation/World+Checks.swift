internal import Broker
internal import Modbus
internal import Simulator

/// What is told and answered, and whether it may be.
extension World {
    /// Of a bus, which knows its units by their own numbers.
    func observe(_ event: BrokerEvent, of line: WorldLine) {
        verdict.note("\(line.line.name): \(event.summary)")
        line.observe(event)
    }

    /// Of a client's session.
    func observe(_ event: BrokerEvent) {
        verdict.note(event.summary)
        switch event {
        case .request(let query):
            ledger.asked(query, judge(query.frame, at: door(of: query.client)?.entrance ?? Entrance(line: nil)))
        case .finished(let exchange, let delivery):
            let judgement = ledger.finished(exchange, isSuperseded: delivery == .superseded)
            if delivery == .delivered { pace.delivered(exchange, at: timeline.now) }
            guard let judgement else { return }
            finished(exchange, judgement)
            // What is sent next is the answer to it.
            told = (exchange.query.frame, judgement)
        case .transmitted, .attemptFailed, .discarded, .line, .passthrough, .refused, .client, .donglePort, .admission:
            break
        }
    }

    private func finished(_ exchange: Exchange, _ judgement: Judgement) {
        let query = exchange.query
        checkRefusal(exchange, judgement)
        checkFit(exchange)
        guard let (line, frame) = judgement.way else {
            verdict.check("routes", exchange.isUnsent, "there is no way to it, but it was sent: \(query.summary)")
            return
        }
        if let destination = exchange.destination {
            verdict.check(
                "routes", core.switchboard.line(destination.line) === line.line && destination.unit == frame.unit,
                "went to line \(destination.line.rawValue), unit \(destination.unit): \(query.summary)")
        } else {
            verdict.check("routes", exchange.isUnsent, "was sent, but nobody knows where: \(query.summary)")
        }
        line.actor.checkSource(of: exchange, frame)
        if judgement.isNoted, exchange.isJoined { line.actor.noteJoined(frame, isRead: query.isRead) }
        if case .success(let reply) = exchange.result { line.actor.noteAnswered(frame, by: reply) }
        checkCause(exchange, line, frame.unit)
    }

    /// What has to be refused never reaches a line, and is refused with the right exception; nothing else is refused.
    private func checkRefusal(_ exchange: Exchange, _ judgement: Judgement) {
        let query = exchange.query
        if case .failure(.refused(let code)) = exchange.result {
            verdict.check(
                "R10", judgement.refusals.contains(code),
                "refused with \(code), though it may be asked: \(query.summary)")
        }
        guard !judgement.isAllowed else { return }
        let kind = query.isRead ? "read" : "write"
        verdict.check("R10", exchange.isUnsent, "a refused \(kind) was sent: \(query.summary)")
        let isRefused =
            switch exchange.result {
            case .failure(.refused), .failure(.malformed), .failure(.withdrawn): true
            // Of the address, or of a serial client with too many requests: before anybody looked at it.
            case .failure(.overloaded): settings.rate != nil || settings.changesRate || query.client.kind != .tcp
            // It waited for its rate while a reload took its line away.
            case .failure(.unavailable): judgement.way?.line.isLeaving ?? false
            default: false
            }
        verdict.check(
            "R10", isRefused, "a \(kind) that has to be refused ended otherwise: \(query.summary), \(exchange.outcome)")
    }

    /// A query may fail by what happens on its own line only.
    private func checkCause(_ exchange: Exchange, _ line: WorldLine, _ unit: UnitIdentifier) {
        guard case .failure(let error) = exchange.result else { return }
        let isOwn =
            switch error {
            case .unavailable: line.wasClosed(since: exchange.query.arrived)
            case .stopping: line.isLeaving
            case .silentUnit: line.actor.wasSilent(unit, since: exchange.query.arrived)
            case .restingRange: line.actor.hasMetSilence(RTUFrame(unit: unit, pdu: exchange.query.pdu))
            case .noReply, .expiredOnLine: exchange.attempts > 0
            default: true
            }
        verdict.check("R12", isOwn, "\(error), but not by \(line.line.name): \(exchange.query.summary)")
    }

    /// Whatever is taken for an answer must look like one.
    private func checkFit(_ exchange: Exchange) {
        guard case .success(let reply) = exchange.result else { return }
        let request = exchange.query.frame
        let misfit = ReplyFit.misfit(of: reply, to: request)
        verdict.check("R3", misfit == nil, "the \(misfit ?? "") does not fit: \(reply.summary) for \(request.summary)")
        // Whoever answers for unit 0 does so by its own number, unless unit 0 is the client's number of one unit.
        let isAnybodys = request.unit.isBroadcast && exchange.destination?.unit.isBroadcast != false
        verdict.check(
            "routes", isAnybodys || reply.unit == request.unit,
            "another unit than the client asked: \(reply.summary) for \(request.summary)")
    }

    /// Whether this may be given to a client as the answer to its request (R3, R4): both as the client knows the unit.
    func isRightAnswer(_ reply: RTUFrame, to request: RTUFrame, arrived: Instant) -> Bool {
        guard let (asked, judgement) = told, asked == request else { return false }
        guard request.unit.isBroadcast || reply.unit == request.unit else { return false }
        // What the broker says itself comes from no line.
        let refusals = judgement.refusals.compactMap(\.self)
        if refusals.contains(where: { reply.pdu == PDU(exception: $0, to: request.pdu.function) }) { return true }
        guard judgement.isAllowed, let way = judgement.way else { return false }
        let unit = request.unit.isBroadcast ? reply.unit : way.frame.unit
        return way.line.actor.isRightAnswer(RTUFrame(unit: unit, pdu: reply.pdu), to: way.frame, arrived: arrived)
    }

    /// Checks what a TCP client was told.
    func check(reply: RTUFrame, to request: TCPFrame, arrived: Instant) {
        let asked = RTUFrame(unit: request.unit, pdu: request.pdu)
        verdict.check("routes", reply.unit == asked.unit, "a client hears another unit than it asked: \(reply.summary)")
        let isRight = isRightAnswer(reply, to: asked, arrived: arrived)
        if reply.pdu.exceptionCode != nil, !isRight {
            // Made by the broker, which speaks for itself with these codes only (R10).
            let codes: [ExceptionCode] = [
                .illegalFunction, .illegalDataAddress, .illegalDataValue, .serverDeviceBusy, .gatewayPathUnavailable,
                .gatewayTargetFailedToRespond,
            ]
            verdict.check(
                "R10", reply.pdu.exceptionCode.map(codes.contains) ?? false, "a wrong exception: \(reply.summary)")
            return
        }
        verdict.check("R4", isRight, "a wrong value: \(reply.summary) for \(asked.summary)")
    }
}

extension Exchange {
    /// Whether it was only a copy of a request that was pending, and nothing was done for it.
    fileprivate var isJoined: Bool {
        if case .failure(.withdrawn) = result, attempts == 0 { true } else { false }
    }

    /// Whether it never was on a line.
    var isUnsent: Bool { attempts == 0 && sent == nil }
}
