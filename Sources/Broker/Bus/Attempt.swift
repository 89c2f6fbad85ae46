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

    /// When a client must have been told something; nil if nobody is in a hurry, or has been told.
    var deadline: Instant? {
        isEchoProbe ? heldWrite?.query.deadline : isCompleted ? nil : query.deadline
    }

    func exchange(_ result: Result<RTUFrame, BrokerError>, at now: Instant) -> Exchange {
        let source: Exchange.Source = if case .success = result { .bus } else { .broker }
        return Exchange(query: query, result: result, source: source, attempts: number, sent: sent, finished: now)
    }
}

/// Everything that has come for the reply to one attempt, as far as it could be one.
///
/// Not a part of the attempt: one buffer serves all that come.
struct ReceivedReply {
    private var bytes: [UInt8] = []

    mutating func append(_ more: [UInt8]) { bytes += more.prefix(RTUFrame.maximumLength + 1 - bytes.count) }

    /// A new attempt begins.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// The echo, and what came before it, are no part of the reply.
    mutating func forget(upTo echo: [UInt8]) {
        let start = bytes.indices.first { bytes[$0...].starts(with: echo) }
        bytes.removeFirst(start.map { $0 + echo.count } ?? bytes.count)
    }

    /// Whether it is one frame of the expected kind and length, with a wrong CRC: the unit has answered.
    func isDamaged(_ shape: ReplyShape) -> Bool {
        guard !bytes.isEmpty, case .bytes(let length) = shape.match(bytes[...]) else { return false }
        return length == bytes.count && !RTUFrame.isIntact(bytes)
    }

    /// Whether it names the unit and the function that were asked.
    func names(_ query: Query) -> Bool {
        guard bytes.count >= 2 else { return false }
        return bytes[0] == query.lineUnit.rawValue
            && FunctionCode(rawValue: bytes[1]).withoutExceptionBit == query.pdu.function
    }
}
