internal import Modbus

/// One client on a serial port, a pseudo-terminal, or a stream of RTU frames: the dongle, or a program (R5, R6).
///
/// It has no transaction identifier either: it takes whatever comes for the answer to its newest request. So it hears
/// only that, and nothing when there is no answer.
package final class SerialClientSession {
    private let client: Client
    private let path: any QueryPath
    private let settings: ClientSettings
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private let send: ([UInt8]) -> Void
    private let discardUnread: () -> Void
    private var timer: (any WakeTimer)?
    private var scanner: RTURequestScanner
    private var lastByte = Instant.distantPast
    private var requests = SerialRequests()
    /// Whether a newer request has come in the same bytes, right behind the one that is being handled.
    private var isOvertaken = false
    private var repliesLeaveAtOnce = false
    /// Whether what has begun can only be a newer request. On a line, and behind a serial server, it may be noise.
    private var hasNoNoise = false
    private var isPortOpen = false
    /// Whether nobody is there to hear an answer: the port was closed, and has not been opened again.
    private var isDeserted = false
    /// The exception for a request without an answer, which is given later (``AnswerPace``).
    private var held: (running: SerialRequests.Running, exchange: Exchange, due: Instant)?
    private var pace = AnswerPace()
    /// Who gets the client's bytes, unparsed, while the port is lent.
    private var borrower: (([UInt8]) -> Void)?
    /// The number of its latest request.
    package private(set) var number: UInt64
    /// What has come since its latest request, and since the port was opened.
    package private(set) var noise = StreamNoise()
    /// Whether a request has come since the port was opened.
    package private(set) var hasAsked = false

    /// - Parameters:
    ///   - numbersAfter: the number of the latest request of an earlier session of the same client, for a query is named by
    ///     both.
    ///   - send: carries a reply to the client's port.
    ///   - discardUnread: drops what the client has not fetched of earlier replies, where that can be done: it has asked
    ///     something newer, or another program has opened the port.
    package init(
        client: Client, path: any QueryPath, settings: ClientSettings, timeline: any Timeline,
        numbersAfter: UInt64 = 0, observe: @escaping (BrokerEvent) -> Void, send: @escaping ([UInt8]) -> Void,
        discardUnread: @escaping () -> Void = {}
    ) {
        self.client = client
        number = numbersAfter
        self.path = path
        self.settings = settings
        self.timeline = timeline
        self.observe = observe
        self.send = send
        self.discardUnread = discardUnread
        scanner = RTURequestScanner()
        timer = timeline.makeTimer { [weak self] in self?.wake() }
    }

    /// How many of its requests are being worked on, 0–17; only the newest is answered.
    package var outstanding: Int { requests.count }

    /// The port is there, or another program has opened it: what the one before asked is not answered any more.
    ///
    /// - Parameter isPseudoTerminal: nothing takes time on it: a client may have the whole answer, and ask the same again,
    ///   long before a line would have carried it.
    package func portOpened(isPseudoTerminal: Bool) {
        opened(repliesLeaveAtOnce: isPseudoTerminal, hasNoNoise: isPseudoTerminal)
    }

    /// A stream is there: its replies leave at once, but what comes may be the noise of a line behind it.
    package func streamOpened() {
        opened(repliesLeaveAtOnce: true, hasNoNoise: false)
    }

    private func opened(repliesLeaveAtOnce: Bool, hasNoNoise: Bool) {
        // What a program has written just before it closed may have come only now.
        forgetClient()
        self.repliesLeaveAtOnce = repliesLeaveAtOnce
        self.hasNoNoise = hasNoNoise
        isPortOpen = true
        isDeserted = false
        noise = StreamNoise()
        hasAsked = false
    }

    /// Bytes have come from the client.
    package func received(_ bytes: [UInt8]) {
        let now = timeline.now
        if let borrower {
            lastByte = now
            return borrower(bytes)
        }
        discardUnread()
        noteSilence(at: now)
        let began = now - settings.serialTiming.time(of: bytes.count)
        let isAfterSilence = lastByte + settings.serialTiming.frameEnd <= began
        lastByte = now
        handle(scanner.received(bytes, afterSilence: isAfterSilence), at: now)
        setTimer()
    }

    /// The port is gone: its newest read is dropped, its writes are sent all the same.
    package func portClosed() {
        isPortOpen = false
        isDeserted = true
        forgetClient()
    }

    /// Whoever has asked until now waits no longer.
    private func forgetClient() {
        let held = scanner.drain()
        if !held.isEmpty { discard(held, .noise) }
        lastByte = .distantPast
        requests.forgetAnswer()
        discardUnread()
        supersedeNewest()
        setTimer()
    }

    private func wake() {
        let now = timeline.now
        noteSilence(at: now)
        if let newest = requests.newest, let limit = limit(of: newest), limit <= now { giveUp(newest) }
        if let entry = held, entry.due <= now {
            held = nil
            deliver(entry.running, entry.exchange.ended(at: now))
        }
        setTimer()
    }

    private func giveUp(_ newest: SerialRequests.Running) {
        if settings.answersSilence {
            requests.tellNewest()
            if isHeard, let frame = newest.latestCopy.noAnswer { send(frame.bytes) }
        } else {
            requests.giveUpNewest()
        }
        if newest.submitted.isRead { path.withdraw(newest.submitted) }
    }

    private func setTimer() {
        var wake = held?.due ?? .distantFuture
        if let awaits = scanner.awaits { wake = min(wake, lastByte + settings.serialTiming.length(of: awaits)) }
        if let newest = requests.newest, let limit = limit(of: newest) { wake = min(wake, limit) }
        timer?.set(wake == .distantFuture ? nil : wake)
    }

    /// When to give the request up; nil: nothing is twice, and a write only where its client is told so.
    private func limit(of newest: SerialRequests.Running) -> Instant? {
        (newest.submitted.isRead || settings.answersSilence) && !newest.isGivenUp ? forwardLimit(of: newest) : nil
    }

    /// Nothing is forwarded after this.
    private func forwardLimit(of newest: SerialRequests.Running) -> Instant {
        newest.latestCopy.arrived + settings.serialTimeout
    }
}

// MARK: Requests

extension SerialClientSession {
    private func noteSilence(at now: Instant) {
        guard let awaits = scanner.awaits, lastByte + settings.serialTiming.length(of: awaits) <= now else { return }
        handle(scanner.silence(awaits), at: now)
    }

    private func handle(_ findings: [RTURequestScanner.Finding], at now: Instant) {
        for (index, finding) in findings.enumerated() {
            switch finding {
            case .request(let frame):
                let isNewest = findings[index...].allSatisfy { $0.request.map { $0 == frame } ?? true }
                isOvertaken = !isNewest
                received(frame, isNewest: isNewest, at: now)
                isOvertaken = false
            case .noise(let bytes): discard(bytes, .noise)
            case .unconfirmedWrite(let bytes): discard(bytes, .unconfirmedWrite)
            }
        }
    }

    private func discard(_ bytes: [UInt8], _ reason: BrokerEvent.DiscardReason) {
        noise.add(bytes.count)
        observe(.discarded(bytes, from: .client(client), reason: reason))
    }

    /// - Parameter isNewest: false if another request has come with it, right behind: a read is then not worth sending.
    private func received(_ frame: RTUFrame, isNewest: Bool, at now: Instant) {
        number += 1
        noise = StreamNoise()
        hasAsked = true
        let query = Query(
            number: number, client: client, frame.unit, frame.pdu, by: path, arrived: now, deadline: nil)
        observe(.request(query))
        if let copy = requests.join(query, at: now) {
            observe(.finished(.failed(copy, .withdrawn, at: now), .superseded))
            return
        }
        supersedeNewest()
        if let refusal = query.pdu.refusalAsRequest {
            observe(.finished(.failed(query, refusal, at: now), .suppressed))
        } else if query.isRead && !isNewest {
            observe(.finished(.failed(query, .withdrawn, at: now), .superseded))
        } else if requests.isFull {
            observe(.finished(.failed(query, .overloaded, at: now), .suppressed))
        } else {
            submit(query)
        }
    }

    private func submit(_ query: Query) {
        requests.begin(query)
        path.submit(query, for: self)
    }

    /// A newer request takes the place of an older read; a write stays in the queue, and only its reply is suppressed.
    private func supersedeNewest() {
        if let entry = held.take() {
            let exchange = entry.exchange.answering(entry.running.latestCopy)
            observe(.finished(exchange.ended(at: timeline.now), .superseded))
        }
        if let superseded = requests.supersedeNewest(), superseded.isRead { path.withdraw(superseded) }
    }
}

// MARK: Lending

extension SerialClientSession {
    /// Lends the port: what the client sends is the borrower's, as it comes, and nothing is answered any more.
    ///
    /// - Parameter borrower: gets what has come of a request at once, then every further byte.
    package func lend(to borrower: @escaping ([UInt8]) -> Void) {
        self.borrower = borrower
        supersedeNewest()
        let held = scanner.drain()
        setTimer()
        if !held.isEmpty { borrower(held) }
    }

    package var isLent: Bool { borrower != nil }

    /// Sends the borrower's bytes.
    ///
    /// - Returns: false if the port is not there: they are lost.
    package func transmit(lent bytes: [UInt8]) -> Bool {
        guard isPortOpen, borrower != nil else { return false }
        send(bytes)
        return true
    }

    /// Looks for requests again. The first bytes may be the rest of something else: a write among them needs a silence or a
    /// valid frame before it.
    package func takeBack() {
        borrower = nil
        requests.forgetAnswer()
        scanner = RTURequestScanner(isConfirmed: false)
    }
}

// MARK: Answers

extension SerialClientSession: QueryOwner {
    package func finished(_ exchange: Exchange) {
        guard let (running, isNewest) = requests.finish(exchange.query.id) else { return }
        guard isNewest else {
            observe(.finished(exchange.answering(running.latestCopy), running.isTold ? .suppressed : .superseded))
            return
        }
        if isAskedAgain(running, exchange) {
            submit(running.latestCopy)
        } else {
            answer(running, with: exchange)
        }
        setTimer()
    }

    /// Whether a copy has come after the read was given up, and so was not repeated.
    private func isAskedAgain(_ running: SerialRequests.Running, _ exchange: Exchange) -> Bool {
        guard running.isGivenUp, case .failure(let error) = exchange.result else { return false }
        let isWorthIt = error == .noReply || error == .withdrawn
        return isWorthIt && running.latestCopy.id != running.submitted.id
            && timeline.now < forwardLimit(of: running)
    }

    /// Whether somebody is there who is not writing a newer request already.
    private var isHeard: Bool { !isDeserted && !(hasNoNoise && scanner.awaits != nil) }

    private func answer(_ running: SerialRequests.Running, with exchange: Exchange) {
        let due = settings.answersSilence ? pace.time(of: exchange, at: timeline.now) : timeline.now
        if due > timeline.now {
            held = (running, exchange, min(due, forwardLimit(of: running)))
        } else {
            deliver(running, exchange)
        }
    }

    private func deliver(_ running: SerialRequests.Running, _ exchange: Exchange) {
        let now = timeline.now
        let answered = exchange.answering(running.latestCopy)
        guard !isOvertaken else {
            // A write that was refused at once: it would be taken for the answer to the newer request.
            observe(.finished(answered, .superseded))
            return
        }
        guard isHeard, now <= forwardLimit(of: running), let frame = frame(of: answered) else {
            observe(.finished(answered, .suppressed))
            return
        }
        observe(.finished(answered, .delivered))
        let bytes = frame.bytes
        if !repliesLeaveAtOnce {
            requests.answer(running, from: now, for: settings.serialTiming.time(of: bytes.count))
        }
        send(bytes)
    }
}

extension SerialClientSession {
    /// nil: silence (R10).
    private func frame(of exchange: Exchange) -> RTUFrame? {
        if let frame = exchange.frameForSerial { return frame }
        guard settings.answersSilence, case .failure(let error) = exchange.result, error != .withdrawn else {
            return nil
        }
        return exchange.query.noAnswer
    }
}

extension Query {
    /// The exception for a request without an answer (R10); nil: silence, as after every broadcast.
    fileprivate var noAnswer: RTUFrame? {
        isClientBroadcast
            ? nil : RTUFrame(unit: clientUnit, pdu: PDU(exception: .gatewayTargetFailedToRespond, to: pdu.function))
    }
}

extension RTURequestScanner.Finding {
    fileprivate var request: RTUFrame? {
        if case .request(let frame) = self { frame } else { nil }
    }
}
