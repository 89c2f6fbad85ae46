package import Broker
internal import Modbus

/// Makes exchanges of what is heard on a line: one tap hears requests and replies in turn, two hear them apart.
///
/// A frame is found by its length and CRC, wherever listening begins and whatever is between (R2). A request waits for
/// the reply that fits it; the next request ends that, unless it comes glued to the one before, when the replies come in
/// the order of the requests. What cannot be known from listening: a reply to a read carries no address, so that a late
/// one that fits a newer request of the same length is taken for its answer (R4).
/// Holds at most a frame for each direction, and four requests.
package struct TapReader {
    /// What a tap hears.
    package enum Side: Sendable {
        case both, requests, replies
    }

    package struct Counts: Hashable, Sendable {
        /// Requests with a reply, exceptions included.
        package internal(set) var exchanges = 0
        package internal(set) var exceptions = 0
        package internal(set) var unanswered = 0
        /// Intact frames of no request that was heard.
        package internal(set) var strayFrames = 0
        /// Bytes of no frame.
        package internal(set) var noise = 0

        /// Whether anything was heard.
        var isAny: Bool { exchanges + unanswered + strayFrames + noise > 0 }
    }

    private struct Pending {
        let frame: RTUFrame
        let query: Query
        let shape: ReplyShape
    }

    private static let mostPending = 4
    /// After this a request has no reply any more.
    private static let patience: Duration = .seconds(3)
    /// A write's reply equals its request; one that comes later than this is a repetition. Replies take 28 to 117 ms,
    /// and nobody repeats before 0.5 s.
    private static let latestEcho: Duration = .milliseconds(450)

    private let timing: LineTiming
    private let client: Client
    private let isSingle: Bool
    /// What comes on the only tap, or on that of the replies.
    private var replies: RTUReplyScanner
    private var requests: RTURequestScanner
    private var pending: [Pending] = []
    private var number: UInt64 = 0
    /// Not yet told; since the last frame.
    private var noise: [UInt8] = []
    /// Everything on the only tap since the last silence or frame, while it may be a frame of unknown layout.
    private var run: [UInt8]? = []
    /// When bytes came last: on the only tap or that of the replies, and on that of the requests.
    private var lastByte = (replies: Instant.distantPast, requests: Instant.distantPast)
    /// When the bytes came that the scanners hold.
    private var arrivals = (replies: ByteArrivals(), requests: ByteArrivals())
    private var events: [BrokerEvent] = []
    package private(set) var counts = Counts()

    /// - Parameters:
    ///   - client: the name under which requests are told.
    ///   - isSingle: whether one tap hears both directions.
    package init(client: Client, isSingle: Bool, timing: LineTiming) {
        self.client = client
        self.isSingle = isSingle
        self.timing = timing
        replies = RTUReplyScanner()
        requests = RTURequestScanner()
    }

    /// When ``advance(to:)`` has something to do if nothing comes; nil: never.
    package var wake: Instant? {
        [
            replies.awaits.map { lastByte.replies + timing.length(of: $0) },
            requests.awaits.map { lastByte.requests + timing.length(of: $0) },
            isRunOpaque || !noise.isEmpty && replies.awaits == nil ? lastByte.replies + timing.frameEnd : nil,
            pending.first.map { $0.query.arrived + Self.patience },
        ].compactMap(\.self).min()
    }

    /// Takes bytes in.
    ///
    /// - Returns: what they have made clear.
    package mutating func received(_ bytes: [UInt8], on side: Side, at now: Instant) -> [BrokerEvent] {
        events = advance(to: now)
        if side == .requests {
            let isSilent = now - lastByte.requests >= timing.frameEnd
            lastByte.requests = now
            arrivals.requests.append(bytes.count, at: now)
            take(requests.received(bytes, afterSilence: isSilent), at: now)
        } else {
            for byte in bytes { takeReply(byte, at: now) }
            lastByte.replies = now
        }
        return takeEvents()
    }

    /// Takes in what two taps have held while nobody read them: their order is not known, so that a reply that fits a
    /// request is taken before the next request is looked at, and one that fits none waits for that.
    ///
    /// - Returns: what the bytes have made clear.
    package mutating func received(requests asked: [UInt8], replies answered: [UInt8], at now: Instant) -> [BrokerEvent]
    {
        var events: [BrokerEvent] = []
        var (asked, answered) = (asked[...], answered[...])
        while !asked.isEmpty, !answered.isEmpty {
            if let length = replies.holdsReply ? 1 : replyLength(in: answered) {
                events += received(Array(answered.prefix(length)), on: .replies, at: now)
                answered = answered.dropFirst(length)
            } else {
                let heard = number
                while heard == number, !asked.isEmpty {
                    events += received([asked.removeFirst()], on: .requests, at: now)
                }
            }
        }
        events += received(Array(asked), on: .requests, at: now)
        return events + received(Array(answered), on: .replies, at: now)
    }

    /// The length of a reply to a request that waits, if the bytes begin with one.
    private func replyLength(in bytes: ArraySlice<UInt8>) -> Int? {
        for request in pending {
            guard case .bytes(let length) = request.shape.match(bytes), length <= bytes.count,
                RTUFrame(Array(bytes.prefix(length))) != nil
            else { continue }
            return length
        }
        return nil
    }

    /// One after the other: what is expected changes with every frame.
    private mutating func takeReply(_ byte: UInt8, at now: Instant) {
        if isSingle { run?.append(byte) }
        if run.map({ $0.count > RTUFrame.maximumLength }) ?? false { run = nil }
        arrivals.replies.append(1, at: now)
        take(replies.received([byte], expected: expected, owed: owed), at: now)
    }

    /// Time has passed: silences end frames, and requests are given up.
    package mutating func advance(to now: Instant) -> [BrokerEvent] {
        if lastByte.replies + timing.frameEnd <= now { endRun() }
        while let silence = replies.awaits, lastByte.replies + timing.length(of: silence) <= now {
            take(replies.silence(silence, expected: expected, owed: owed), at: lastByte.replies)
        }
        while let silence = requests.awaits, lastByte.requests + timing.length(of: silence) <= now {
            take(requests.silence(silence), at: lastByte.requests)
        }
        if lastByte.replies + timing.frameEnd <= now, replies.awaits == nil { endNoise() }
        while let first = pending.first, first.query.arrived + Self.patience <= now { giveUp(first, at: now) }
        return takeEvents()
    }

    /// Listening has ended.
    package mutating func end(at now: Instant) -> [BrokerEvent] {
        endRun()
        noise += replies.drain()
        endNoise()
        tell(noise: requests.drain())
        arrivals = (ByteArrivals(), ByteArrivals())
        while let first = pending.first { giveUp(first, at: now) }
        return takeEvents()
    }

    private var expected: ReplyShape? { pending.first?.shape }
    private var owed: [ReplyShape] { pending.dropFirst().map(\.shape) }

    private mutating func takeEvents() -> [BrokerEvent] {
        defer { events = [] }
        return events
    }
}

extension TapReader {
    private mutating func take(_ findings: [RTURequestScanner.Finding], at now: Instant) {
        for finding in findings {
            switch finding {
            case .request(let frame): request(frame, at: arrivals.requests.take(frame.bytes.count) ?? now)
            case .unconfirmedWrite(let bytes):
                let time = arrivals.requests.take(bytes.count) ?? now
                if let frame = RTUFrame(bytes) { request(frame, at: time) }
            case .noise(let bytes):
                _ = arrivals.requests.take(bytes.count)
                tell(noise: bytes)
            }
        }
    }

    private mutating func take(_ findings: [RTUReplyScanner.Finding], at now: Instant) {
        for finding in findings {
            switch finding {
            case .noise(let bytes), .echo(let bytes):
                _ = arrivals.replies.take(bytes.count)
                noise += bytes
                if noise.count > RTUFrame.maximumLength { endNoise() }
            case .reply(let frame), .late(let frame, _), .foreign(let frame):
                endNoise()
                run = []
                take(frame, at: arrivals.replies.take(frame.bytes.count) ?? now)
            }
        }
    }

    /// Whether it begins as a frame of unknown layout.
    private var isRunOpaque: Bool {
        guard let run, run.count >= RTUFrame.minimumLength else { return false }
        return FrameLength(ofRequest: run[...]) == .opaque
    }

    /// The line is silent: what came since the last silence may be a frame of unknown layout.
    private mutating func endRun() {
        defer { run = [] }
        guard isRunOpaque, let run, let frame = RTUFrame(run) else { return }
        let before = (noise + replies.drain()).dropLast(run.count)
        noise = []
        arrivals.replies.removeAll()
        tell(noise: Array(before))
        take(frame, at: lastByte.replies)
    }

    private mutating func endNoise() {
        tell(noise: noise)
        noise = []
    }

    /// A frame of the only tap, or of that of the replies.
    private mutating func take(_ frame: RTUFrame, at now: Instant) {
        if let index = pending.firstIndex(where: { isReply(frame, to: $0, at: now) }) {
            reply(frame, to: index, at: now)
        } else if isSingle, isRequest(frame) {
            request(frame, at: now)
        } else {
            counts.strayFrames += 1
            events.append(.discarded(frame.bytes, from: .line, reason: .foreign))
        }
    }

    private func isReply(_ frame: RTUFrame, to request: Pending, at now: Instant) -> Bool {
        let bytes = frame.bytes
        switch request.shape.match(bytes[...]) {
        case .bytes(bytes.count), .opaque: break
        default: return false
        }
        let isRepetition = isSingle && frame == request.frame && now - request.query.arrived > Self.latestEcho
        return !isRepetition
    }

    private func isRequest(_ frame: RTUFrame) -> Bool {
        let bytes = frame.bytes
        return switch FrameLength(ofRequest: bytes[...]) {
        case .bytes(let length): length == bytes.count
        case .opaque: true
        case .needs, .impossible: false
        }
    }

    private mutating func request(_ frame: RTUFrame, at now: Instant) {
        while let first = pending.first,
            pending.count == Self.mostPending || now - first.query.arrived > gluedWithin(frame)
        {
            giveUp(first, at: now)
        }
        number += 1
        let query = Query(
            number: number, client: client, unit: frame.unit, pdu: frame.pdu, isRead: frame.pdu.function.isRead,
            arrived: now, deadline: nil)
        events.append(.request(query))
        let request = Pending(
            frame: frame, query: query, shape: ReplyShape(unit: frame.unit, request: frame.pdu))
        pending.append(request)
        if query.isLineBroadcast { giveUp(request, at: now) }
    }

    /// Who sends a request so soon behind another has not waited for the answer.
    private func gluedWithin(_ frame: RTUFrame) -> Duration {
        timing.time(of: frame.bytes.count) + timing.frameEnd
    }

    private mutating func reply(_ frame: RTUFrame, to index: Int, at now: Instant) {
        // Replies come in the order of the requests: those before it get none.
        for skipped in pending[..<index] { finish(skipped, .failure(.noReply), at: now) }
        counts.exchanges += 1
        if frame.pdu.function.isException { counts.exceptions += 1 }
        finish(pending[index], .success(frame), at: now)
        pending.removeFirst(index + 1)
    }

    private mutating func giveUp(_ request: Pending, at now: Instant) {
        pending.removeAll { $0.query.id == request.query.id }
        finish(request, .failure(.noReply), at: now)
    }

    private mutating func finish(_ request: Pending, _ result: Result<RTUFrame, BrokerError>, at now: Instant) {
        if case .failure = result, !request.query.isLineBroadcast { counts.unanswered += 1 }
        let exchange = Exchange(
            query: request.query, result: result, source: .bus, attempts: 1, sent: request.query.arrived, finished: now)
        events.append(.finished(exchange, .delivered))
    }

    private mutating func tell(noise bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        counts.noise += bytes.count
        events.append(.discarded(bytes, from: .line, reason: .noise))
    }
}
