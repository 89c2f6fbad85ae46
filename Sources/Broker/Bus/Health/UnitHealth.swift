internal import Modbus

/// What is known of one unit: whether it answers, what it answers, and about what it says nothing (R11).
struct UnitHealth {
    /// A unit that does not answer: its reads get 0x0B without the line, but for the probes and the tries.
    private struct Silence {
        var backOff = UnitHealth.firstBackOff
        var nextProbe: Instant
        var isTurnOfLatest = true
        var tries: SilentUnitTries

        init(at now: Instant) {
            nextProbe = now + backOff
            tries = SilentUnitTries(began: now)
        }
    }

    /// What may be done with a read.
    enum Verdict: Hashable {
        case send
        /// It goes to the line without a retry.
        case sendOnce
        case refuse(BrokerError)

        var error: BrokerError? {
            if case .refuse(let error) = self { error } else { nil }
        }
    }

    private static let failuresUntilSilent = 3
    private static let failuresOfStranger = 5
    private static let patience: Duration = .seconds(10)
    private static let firstBackOff: Duration = .seconds(1)
    private static let longestBackOff: Duration = .seconds(60)
    /// The broker sends no probes when nobody has asked the unit for so long.
    private static let interest: Duration = .seconds(3600)

    private var known = KnownReads()
    private var resting = RestingRanges()
    private var silence: Silence?
    /// Reads that have failed in a row.
    private var failures = 0
    private(set) var lastSign: Instant?
    private var lastAsked: Instant?
    /// Whether the broker has to ask what the unit answered last, before it may be called silent.
    private(set) var isInDoubt = false

    var isSilent: Bool { silence != nil }

    /// Whether nothing has ever come of it, and it is not silent either.
    var isUnknown: Bool { lastSign == nil && silence == nil }

    func isKnown(_ range: ReadRange) -> Bool { known.contains(range) }

    // MARK: What is asked

    /// A client asks for this now: the verdict counts, where it is a try.
    mutating func verdict(on query: Query, at now: Instant) -> Verdict {
        lastAsked = now
        guard silence != nil else { return liveVerdict(on: query, at: now) }
        guard let range = ReadRange(query.pdu) else { return .refuse(.silentUnit) }
        let address = query.client.address
        let isAdmitted =
            if !known.contains(range) || !range.isPlainRead {
                silence?.tries.admits(range, by: address, at: now)
            } else if !known.hasFailed(range) {
                silence?.tries.admitsKnown(by: address, at: now)
            } else {
                false
            }
        return isAdmitted == true ? .sendOnce : .refuse(.silentUnit)
    }

    /// What holds when the turn of a read has come that was admitted before.
    func turnVerdict(on query: Query, isTry: Bool, at now: Instant) -> Verdict {
        guard silence != nil else { return liveVerdict(on: query, at: now) }
        return isTry ? .sendOnce : .refuse(.silentUnit)
    }

    private func liveVerdict(on query: Query, at now: Instant) -> Verdict {
        guard !resting.isEmpty, let range = ReadRange(query.pdu) else { return .send }
        return switch resting.state(of: range, at: now) {
        case .awake: .send
        case .resting: .refuse(.restingRange)
        case .rested: .sendOnce
        }
    }

    // MARK: What comes of it

    /// The unit has given a sign of life: a good reply, an exception, or a damaged reply.
    ///
    /// - Returns: whether it was silent until now.
    mutating func noteSign(at now: Instant) -> Bool {
        lastSign = now
        failures = 0
        isInDoubt = false
        guard silence != nil else { return false }
        silence = nil
        resting.endAll()
        return true
    }

    /// The unit has answered this read.
    mutating func noteAnswer(to request: PDU, makesKnown: Bool, at now: Instant) {
        guard let range = ReadRange(request) else { return }
        resting.noteAnswer(to: range)
        if makesKnown { known.noteAnswer(to: range, at: now) }
    }

    /// The unit has acknowledged a write: what it said nothing to may be there now.
    mutating func noteAcknowledgedWrite() { resting.endAll() }

    /// A read has failed, with its retries.
    ///
    /// - Parameter attempts: how often it was sent.
    /// - Returns: whether the unit has become silent by this.
    mutating func noteFailure(of request: PDU, attempts: Int, at now: Instant) -> Bool {
        failures += 1
        guard silence == nil else {
            if let range = ReadRange(request) { known.noteFailureInSilence(of: range) }
            return false
        }
        if let range = ReadRange(request), !known.noteFailure(of: range, lastSign: lastSign) {
            resting.noteSilence(of: range, times: attempts, at: now)
        }
        return judge(at: now)
    }

    /// - Returns: whether the unit is silent from now on.
    private mutating func judge(at now: Instant) -> Bool {
        isInDoubt = false
        if let lastSign {
            guard failures >= Self.failuresUntilSilent, now - lastSign >= Self.patience else { return false }
            if known.isEmpty {
                guard failures >= Self.failuresOfStranger else { return false }
            } else if !known.hasLatestFailed {
                isInDoubt = true
                return false
            }
        } else {
            guard failures >= Self.failuresOfStranger else { return false }
        }
        silence = Silence(at: now)
        known.beginSilence()
        return true
    }

    // MARK: The broker's own reads

    /// When the broker sends its next probe to a silent unit; nil: not before somebody asks.
    var nextProbe: Instant? {
        guard let silence, !known.isEmpty, let lastAsked else { return nil }
        return silence.nextProbe - lastAsked <= Self.interest ? silence.nextProbe : nil
    }

    /// Takes the read that is due: the check of a unit in doubt, or the probe of a silent one.
    mutating func takeOwnRead(at now: Instant) -> ReadRange? {
        if isInDoubt {
            isInDoubt = false
            return known.latest
        }
        guard let due = nextProbe, due <= now, let isTurnOfLatest = silence?.isTurnOfLatest else { return nil }
        silence?.nextProbe = .distantFuture
        silence?.isTurnOfLatest.toggle()
        return known.nextProbe(isTurnOfLatest: isTurnOfLatest)
    }

    /// The broker's own read was not sent, or has failed: the next one follows after the back-off.
    mutating func ownReadEnded(hasFailed: Bool, at now: Instant) {
        guard var next = silence?.backOff else { return }
        if hasFailed { next = min(next * 2, Self.longestBackOff) }
        silence?.backOff = next
        silence?.nextProbe = now + next
    }
}
