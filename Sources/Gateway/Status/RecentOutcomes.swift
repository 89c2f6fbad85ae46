internal import Broker
internal import Modbus

/// Outcomes of the exchanges of the last 60 s: of the current second, and of the 59 before it.
struct RecentOutcomes {
    struct Counts: Hashable {
        var answered = 0
        var exceptions = 0
        /// Without an answer of the unit, for whatever reason.
        var failed = 0

        fileprivate mutating func add(_ other: Counts) {
            answered += other.answered
            exceptions += other.exceptions
            failed += other.failed
        }
    }

    private struct Second {
        let number: Int64
        var counts = Counts()
    }

    private static let span: Int64 = 60

    /// Each at the place of its number; none before the first exchange.
    private var seconds: [Second?] = []

    mutating func note(_ result: Result<RTUFrame, BrokerError>, at now: Instant) {
        var counts = Counts()
        switch result {
        case .success(let frame) where frame.pdu.exceptionCode == nil: counts.answered = 1
        case .success: counts.exceptions = 1
        // No client waits for it: the client is gone, or has sent the request again.
        case .failure(.withdrawn): return
        case .failure: counts.failed = 1
        }
        add(Second(number: Self.number(of: now), counts: counts))
    }

    mutating func add(_ other: RecentOutcomes) {
        for case let second? in other.seconds { add(second) }
    }

    func counts(at now: Instant) -> Counts {
        let current = Self.number(of: now)
        return seconds.reduce(into: Counts()) { sum, second in
            guard let second, second.number <= current, current - second.number < Self.span else { return }
            sum.add(second.counts)
        }
    }

    private mutating func add(_ second: Second) {
        if seconds.isEmpty { seconds = Array(repeating: nil, count: Int(Self.span)) }
        let place = Int((second.number % Self.span + Self.span) % Self.span)
        guard let old = seconds[place], old.number >= second.number else { return seconds[place] = second }
        if old.number == second.number { seconds[place]?.counts.add(second.counts) }
    }

    private static func number(of now: Instant) -> Int64 { now.nanoseconds / 1_000_000_000 }
}
