/// When the next request may go to the line (R7).
struct Pacing {
    private var minPeriod: Duration = .zero
    private var silence: Duration = .zero
    /// The last byte of an exchange or of a valid frame, sent or received.
    private var lastByte = Instant.distantPast
    /// The last byte that belongs to no frame: only a silence must follow it, or a noisy line would never be used.
    private var lastNoise = Instant.distantPast

    init(_ settings: BusSettings) {
        apply(settings)
    }

    /// Paces by other settings from now on; what was on the line stays known.
    mutating func apply(_ settings: BusSettings) {
        let asked = settings.timing.interFrameSilence
        silence = asked == .zero ? .zero : asked + settings.guardTime
        minPeriod = max(settings.minPeriod, silence)
    }

    /// A reply that comes during the own transmission does not end it: it is an earlier one's, or the line is no real one.
    mutating func noteTraffic(at instant: Instant) { lastByte = max(lastByte, instant) }

    mutating func noteNoise(at instant: Instant) { lastNoise = instant }

    /// The last byte of any kind.
    var lastActivity: Instant { max(lastByte, lastNoise) }

    /// The earliest instant for a new request.
    var nextRequest: Instant { max(lastByte + minPeriod, lastNoise + silence) }

    /// The earliest instant for a repetition: its timeout was pause enough.
    var nextRetry: Instant { lastActivity + silence }
}
