/// How long exchanges take on this line, from those that were answered (R8).
struct ExchangeEstimate {
    private var pause: Duration = .zero
    /// From transmission to the end of the reply: a moving average over about eight.
    private(set) var reply: Duration = .zero

    init(_ settings: BusSettings) {
        apply(settings)
    }

    mutating func apply(_ settings: BusSettings) {
        pause = max(settings.minPeriod, settings.timing.interFrameSilence)
    }

    mutating func note(_ duration: Duration) {
        reply = reply == .zero ? duration : reply + (duration - reply) / 8
    }

    /// When a query that comes now would be answered behind `ahead` others.
    func answer(behind ahead: Int, at now: Instant) -> Instant {
        now + (reply + pause) * ahead + reply
    }
}
