internal import Modbus

/// Tells the bytes of a firmware update from the ordinary polling of a dongle, which never stops.
///
/// Ordinary are whole, intact reads of the client, and intact replies and exceptions to reads. Everything else is of an
/// update: raw bytes, writes, unknown functions, damaged frames, and reads of nothing but registers that start an update.
struct UpdateWatch {
    /// For so long no byte of an update may have come before the line is taken back.
    static let quietTime: Duration = .seconds(300)

    private let settings: PassthroughSettings
    private var requests: RTURequestScanner
    private var replies: RTUReplyScanner
    /// The reply to the newest poll.
    private var expected: ReplyShape?
    private var lastFromClient = Instant.distantPast
    private var lastFromLine = Instant.distantPast
    private var lastPoll = Instant.distantPast
    private var lastAnswer = Instant.distantPast
    /// The last byte of an update; nil: none so far.
    private(set) var lastByte: Instant?

    init(_ settings: PassthroughSettings) {
        self.settings = settings
        requests = RTURequestScanner()
        replies = RTUReplyScanner()
    }

    mutating func received(fromClient bytes: [UInt8], at now: Instant) {
        advance(to: now)
        let isAfterSilence = lastFromClient + settings.clientTiming.frameEnd <= now
        lastFromClient = now
        note(requests.received(bytes, afterSilence: isAfterSilence), at: now)
    }

    mutating func received(fromLine bytes: [UInt8], at now: Instant) {
        advance(to: now)
        lastFromLine = now
        note(replies.received(bytes, expected: expected, owed: []), at: now)
    }

    /// Bytes that are waited with count as of an update when a silence shows that they are no frame.
    mutating func advance(to now: Instant) {
        if let awaits = requests.awaits, lastFromClient + settings.clientTiming.length(of: awaits) <= now {
            note(requests.silence(awaits), at: lastFromClient)
        }
        if let awaits = replies.awaits, lastFromLine + settings.lineTiming.length(of: awaits) <= now {
            note(replies.silence(awaits, expected: expected, owed: []), at: lastFromLine)
        }
    }

    /// Whether the line may be taken back: no byte of an update for five minutes, and none that may be one.
    ///
    /// After an update a line that is polled must have been answered as well: an inverter that is silent may be busy with
    /// what it was sent.
    func isQuiet(at now: Instant) -> Bool {
        guard requests.awaits == nil, replies.awaits == nil else { return false }
        guard let lastByte else { return true }
        let since = now - Self.quietTime
        return lastByte <= since && (lastPoll <= since || lastAnswer > since)
    }

    /// Whether a byte of an update has come within the last five minutes.
    func isUpdating(at now: Instant) -> Bool { lastByte.map { $0 > now - Self.quietTime } ?? false }

    /// When ``advance(to:)`` or ``isQuiet(at:)`` may have something new to say if nothing comes.
    func nextChange(after now: Instant) -> Instant {
        var next = Instant.distantFuture
        if let awaits = requests.awaits { next = min(next, lastFromClient + settings.clientTiming.length(of: awaits)) }
        if let awaits = replies.awaits { next = min(next, lastFromLine + settings.lineTiming.length(of: awaits)) }
        for instant in [lastByte ?? .distantPast, lastPoll] where instant + Self.quietTime > now {
            next = min(next, instant + Self.quietTime)
        }
        return next
    }
}

extension UpdateWatch {
    private mutating func note(_ findings: [RTURequestScanner.Finding], at instant: Instant) {
        for finding in findings {
            if case .request(let frame) = finding, isOrdinary(frame.pdu) {
                expected = ReplyShape(unit: frame.unit, request: frame.pdu)
                lastPoll = max(lastPoll, instant)
            } else {
                noteUpdate(at: instant)
            }
        }
    }

    private mutating func note(_ findings: [RTUReplyScanner.Finding], at instant: Instant) {
        for finding in findings {
            switch finding {
            case .reply(let frame):
                expected = nil
                if !frame.pdu.function.isException { lastAnswer = max(lastAnswer, instant) }
            // A reply to an earlier poll, or the poll itself, heard by the adapter.
            case .foreign(let frame) where frame.pdu.function.withoutExceptionBit.isRead: break
            case .foreign, .late, .echo, .noise: noteUpdate(at: instant)
            }
        }
    }

    private mutating func noteUpdate(at instant: Instant) {
        lastByte = max(lastByte ?? .distantPast, instant)
    }

    /// Whether it only reads, and not how an update goes on: a block of more registers is ordinary polling.
    private func isOrdinary(_ request: PDU) -> Bool {
        guard request.function.isRead else { return false }
        guard case .readRegisters(.readHoldingRegisters, let range)? = try? Request(request)
        else { return true }
        return range.addresses.contains { !settings.updateRegisters.contains(UInt16($0)) }
    }
}
