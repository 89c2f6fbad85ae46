package import Modbus

/// One Modbus TCP connection: up to 16 requests at once, each answered once and in time (R8).
package final class TCPClientSession {
    /// The most requests of one connection that are worked on; its further bytes are not read meanwhile.
    package static let maximumOutstanding = 16

    private struct Pending {
        let transaction: UInt16
        let query: Query
    }

    private let client: Client
    private let backend: any Backend
    private let settings: ClientSettings
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private let send: (TCPFrame) -> Void
    private var pending: [Pending] = []
    private var isClosed = false
    private var number: UInt64 = 0

    /// - Parameters:
    ///   - send: carries a reply to the client; not called after ``close()``.
    package init(
        client: Client, backend: any Backend, settings: ClientSettings, timeline: any Timeline,
        observe: @escaping (BrokerEvent) -> Void, send: @escaping (TCPFrame) -> Void
    ) {
        self.client = client
        self.backend = backend
        self.settings = settings
        self.timeline = timeline
        self.observe = observe
        self.send = send
    }

    /// Whether a further request may be handed in.
    package var hasRoom: Bool { pending.count < Self.maximumOutstanding }

    /// How many requests are being worked on, 0–16.
    package var outstanding: Int { pending.count }

    /// A request has come.
    ///
    /// - Parameter arrived: when its bytes came, which may be before it could be handed in.
    package func received(_ frame: TCPFrame, arrived: Instant) {
        number += 1
        let query = Query(
            number: number, client: client, unit: frame.unit, pdu: frame.pdu,
            isRead: settings.shapes.isRead(frame.pdu.function), arrived: arrived,
            deadline: arrived + settings.timeToAnswer)
        observe(.request(query))
        if pending.contains(where: { $0.transaction == frame.transaction && $0.query.isIdentical(to: query) }) {
            // pymodbus repeats so after 3 s: the answer to the first copy is the answer to this one.
            observe(.finished(.failed(query, .withdrawn, at: timeline.now), .superseded))
            return
        }
        let entry = Pending(transaction: frame.transaction, query: query)
        pending.append(entry)
        if let refusal = frame.pdu.refusalAsRequest(settings.shapes) {
            finish(entry, .failed(query, refusal, at: timeline.now))
        } else {
            backend.submit(query) { self.finish(entry, $0) }
        }
    }

    /// The connection is gone: what was not sent to the line is dropped.
    package func close() {
        isClosed = true
        for entry in pending { backend.withdraw(entry.query.id) }
    }

    private func finish(_ entry: Pending, _ exchange: Exchange) {
        pending.removeAll { $0.query.id == entry.query.id }
        guard !isClosed, let pdu = exchange.pduForTCP else {
            observe(.finished(exchange, .suppressed))
            return
        }
        observe(.finished(exchange, .delivered))
        send(TCPFrame(transaction: entry.transaction, unit: entry.query.unit, pdu: pdu))
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
