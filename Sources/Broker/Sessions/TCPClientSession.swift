package import Modbus

/// One Modbus TCP connection: up to 16 requests at once, each answered once and in time (R8).
package final class TCPClientSession {
    /// The most requests of one connection that are worked on; its further bytes are not read meanwhile.
    package static let maximumOutstanding = 16

    /// One query at the backend, and all requests that its answer completes.
    private struct Running {
        /// The request of the query.
        let first: Asked
        /// The identical reads that have come since, oldest first.
        var joined: [Asked] = []
        /// Whether its client has sent a newer request since the first, which gets no answer.
        var isSuperseded = false

        var submitted: Query { first.query }
    }

    private struct Asked {
        let transaction: UInt16
        let query: Query

        func isRepeated(by later: Asked) -> Bool {
            transaction == later.transaction && query.isIdentical(to: later.query)
        }
    }

    /// An answer without an exchange, which is given later (``AnswerPace``).
    private struct Held {
        let asked: Asked
        let exchange: Exchange
        let due: Instant
    }

    private let client: Client
    private let path: any QueryPath
    private let settings: ClientSettings
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private let send: (TCPFrame) -> Void
    private var running: [Running] = []
    private var held: [Held] = []
    private var pace = AnswerPace()
    private var timer: (any WakeTimer)?
    private var isClosed = false
    private var number: UInt64 = 0

    /// - Parameters:
    ///   - send: carries a reply to the client; not called after ``close()``.
    package init(
        client: Client, path: any QueryPath, settings: ClientSettings, timeline: any Timeline,
        observe: @escaping (BrokerEvent) -> Void, send: @escaping (TCPFrame) -> Void
    ) {
        self.client = client
        self.path = path
        self.settings = settings
        self.timeline = timeline
        self.observe = observe
        self.send = send
    }

    /// Whether a further request may be handed in.
    package var hasRoom: Bool { outstanding < Self.maximumOutstanding }

    /// How many requests are being worked on or wait for their answer, 0–16.
    package private(set) var outstanding = 0

    /// A request has come.
    ///
    /// - Parameter arrived: when its bytes came, which may be before it could be handed in.
    package func received(_ frame: TCPFrame, arrived: Instant) {
        number += 1
        let query = Query(
            number: number, client: client, frame.unit, frame.pdu, by: path, arrived: arrived,
            deadline: arrived + settings.timeToAnswer)
        observe(.request(query))
        let asked = Asked(transaction: frame.transaction, query: query)
        if isRepetition(asked) {
            // pymodbus repeats so: the answer to the first copy is the answer to this one.
            observe(.finished(.failed(query, .withdrawn, at: timeline.now), .superseded))
            return
        }
        outstanding += 1
        if settings.answersNewestOnly { supersede(by: query) }
        if let refusal = query.pdu.refusalAsRequest {
            answer(asked, with: .failed(query, refusal, at: timeline.now))
        } else if let index = pendingRead(identicalTo: query) {
            running[index].joined.append(asked)
        } else {
            submit(asked)
        }
    }

    /// Whether the same request, by its transaction identifier too, waits for its answer.
    private func isRepetition(_ asked: Asked) -> Bool {
        running.contains { $0.first.isRepeated(by: asked) || $0.joined.contains { $0.isRepeated(by: asked) } }
            || held.contains { $0.asked.isRepeated(by: asked) }
    }

    /// The read that this one joins. It must be later than any write of the same connection, after which the registers may
    /// differ.
    private func pendingRead(identicalTo query: Query) -> Int? {
        guard query.isRead else { return nil }
        return running.lastIndex { !$0.submitted.isRead || $0.submitted.isIdentical(to: query) }
            .flatMap { running[$0].submitted.isRead ? $0 : nil }
    }

    /// - Parameter joined: identical to the first, oldest first.
    private func submit(_ first: Asked, _ joined: ArraySlice<Asked> = []) {
        running.append(Running(first: first, joined: Array(joined)))
        path.submit(first.query, for: self)
    }

    /// The connection is gone: what was not sent to the line is dropped.
    package func close() {
        isClosed = true
        timer?.set(nil)
        for entry in takeHeld() { tell(entry.asked, entry.exchange.ended(at: timeline.now), .suppressed) }
        for entry in running { path.withdraw(entry.submitted) }
    }
}

// MARK: The newest only

extension TCPClientSession {
    /// Ends the wait for earlier requests. Their reads are dropped unless they are on the line, or the new read joins them;
    /// their writes are still sent.
    private func supersede(by query: Query) {
        for entry in takeHeld() { tell(entry.asked, entry.exchange.ended(at: timeline.now), .superseded) }
        let joined = pendingRead(identicalTo: query).map { running[$0].submitted.id }
        var copies: [Asked] = []
        for index in running.indices {
            copies += running[index].joined
            running[index].joined = []
            running[index].isSuperseded = true
        }
        for copy in copies { tell(copy, .failed(copy.query, .withdrawn, at: timeline.now), .superseded) }
        let dropped = running.lazy.map(\.submitted).filter { $0.isRead && $0.id != joined }
        for query in Array(dropped) { path.withdraw(query) }
    }
}

// MARK: Answers

extension TCPClientSession: QueryOwner {
    package func finished(_ exchange: Exchange) {
        let id = exchange.query.id
        guard let index = running.firstIndex(where: { $0.submitted.id == id }) else { return }
        let entry = running.remove(at: index)
        if entry.isSuperseded {
            tell(entry.first, exchange, .superseded)
        } else {
            answer(entry.first, with: exchange)
        }
        var again: [Asked] = []
        for asked in entry.joined {
            let own = exchange.shared(with: asked.query)
            if isWorthAsking(asked, after: exchange) {
                again.append(asked)
            } else {
                answer(asked, with: own)
            }
        }
        if let first = again.first { submit(first, again.dropFirst()) }
    }

    /// Whether the request joined a read whose own deadline has passed, and can itself still be in time.
    private func isWorthAsking(_ asked: Asked, after exchange: Exchange) -> Bool {
        guard !isClosed, case .failure(let error) = exchange.result,
            error == .expired || error == .expiredOnLine || error == .overloaded
        else { return false }
        return asked.query.deadline ?? .distantFuture > timeline.now
    }

    private func answer(_ asked: Asked, with exchange: Exchange) {
        let due = pace.time(of: exchange, at: timeline.now)
        guard due > timeline.now, !isClosed else { return deliver(asked, exchange) }
        held.append(Held(asked: asked, exchange: exchange, due: due))
        setTimer()
    }

    private func deliver(_ asked: Asked, _ exchange: Exchange) {
        guard !isClosed, let pdu = exchange.pduForTCP else { return tell(asked, exchange, .suppressed) }
        tell(asked, exchange, .delivered)
        send(TCPFrame(transaction: asked.transaction, unit: asked.query.clientUnit, pdu: pdu))
    }

    private func tell(_ asked: Asked, _ exchange: Exchange, _ delivery: BrokerEvent.Delivery) {
        outstanding -= 1
        observe(.finished(exchange, delivery))
    }

    private func takeHeld() -> [Held] {
        defer { held = [] }
        return held
    }

    private func wake() {
        let now = timeline.now
        let due = held.filter { $0.due <= now }
        held.removeAll { $0.due <= now }
        for entry in due { deliver(entry.asked, entry.exchange.ended(at: now)) }
        setTimer()
    }

    private func setTimer() {
        if timer == nil { timer = timeline.makeTimer { [weak self] in self?.wake() } }
        timer?.set(held.lazy.map(\.due).min())
    }
}

extension Exchange {
    /// The answer of the unit, or the exception that stands for its absence (R10); nil: none.
    fileprivate var pduForTCP: PDU? {
        switch result {
        case .success(let frame): frame.pdu
        case .failure(let error): error.exceptionCode.map { PDU(exception: $0, to: query.pdu.function) }
        }
    }
}
