internal import Modbus

/// One request on the line, until its reply has come or is no longer waited for.
struct Attempt {
    /// The query that is being answered; the broker's own for an echo probe.
    let query: Query
    /// nil: the broker itself.
    let owner: (any QueryOwner)?
    /// Whether it is the broker's own read, before the first write: does the adapter hear itself (R16)?
    let isEchoProbe: Bool
    /// The write that an echo probe was sent for; nil when it has been completed meanwhile.
    var heldWrite: QueryQueue.Entry?
    let shape: ReplyShape
    /// 1 for the first transmission.
    let number: Int
    /// What was sent.
    let frame: [UInt8]
    let sent: Instant
    /// When the first byte of the reply must have come.
    let responseDeadline: Instant
    /// When the last byte of the reply must have come.
    let replyDeadline: Instant
    var lastByte: Instant?
    /// Whether the query has been completed already: the reply is only recorded.
    var isCompleted = false
    /// Whether its client has withdrawn it: it is not repeated.
    var isWithdrawn = false
    /// Whether it is not repeated whatever comes of it: a probe, or a try (R11).
    let isOnce: Bool
    /// Whether the broker asks by itself what becomes of a unit (R11).
    let isOwnRead: Bool
    /// Whether the unit has given a sign of life, though no answer.
    var hasSign = false
    /// Everything that has come for the reply, as far as it could be one.
    private(set) var received: [UInt8] = []

    init(
        _ entry: QueryQueue.Entry, probingFor heldWrite: QueryQueue.Entry?, number: Int, frame: [UInt8], sent: Instant,
        settings: BusSettings
    ) {
        query = entry.query
        owner = entry.owner
        isOnce = entry.isTry
        isOwnRead = entry.isOwn
        isEchoProbe = heldWrite != nil
        self.heldWrite = heldWrite
        self.number = number
        self.frame = frame
        self.sent = sent
        shape = ReplyShape(unit: entry.query.lineUnit, request: entry.query.pdu)
        responseDeadline = sent + settings.timing.transmissionTime(of: frame.count) + settings.responseTimeout
        replyDeadline = responseDeadline + settings.longestReply
    }

    mutating func received(_ bytes: [UInt8], at now: Instant) {
        lastByte = now
        received += bytes.prefix(RTUFrame.maximumLength + 1 - received.count)
    }

    /// These bytes, and what came before them, are no part of the reply.
    mutating func forget(upTo bytes: [UInt8]) {
        let start = received.indices.first { received[$0...].starts(with: bytes) }
        received.removeFirst(start.map { $0 + bytes.count } ?? received.count)
    }

    /// Whether all that has come is one frame of the expected kind and length, with a wrong CRC: the unit has answered.
    var isDamaged: Bool {
        guard !received.isEmpty, case .bytes(let length) = shape.match(received[...]) else { return false }
        return length == received.count && !RTUFrame.isIntact(received)
    }

    /// Whether something has come that names the unit and the function that were asked.
    var namesItsUnit: Bool {
        guard received.count >= 2 else { return false }
        return received[0] == query.lineUnit.rawValue
            && FunctionCode(rawValue: received[1]).withoutExceptionBit == query.pdu.function
    }

    /// When a client must have been told something; nil if nobody is in a hurry, or has been told.
    var deadline: Instant? {
        isEchoProbe ? heldWrite?.query.deadline : isCompleted ? nil : query.deadline
    }

    func exchange(_ result: Result<RTUFrame, BrokerError>, at now: Instant) -> Exchange {
        let source: Exchange.Source = if case .success = result { .bus } else { .broker }
        return Exchange(query: query, result: result, source: source, attempts: number, sent: sent, finished: now)
    }
}
