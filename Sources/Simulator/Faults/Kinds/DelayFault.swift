/// The reply comes later than it would, but comes.
struct DelayFault: FaultKind {
    static let word = "delay"
    static let settings: [FaultSetting<DelayFault>] = [.range("by", \.by, isNeeded: true)]

    var by: ClosedRange<Duration> = .zero ... .zero
    /// Of this reply.
    var delay: Duration = .zero

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(by: .zero...random.duration(.milliseconds(1)...limits.latest))
    }

    mutating func draw(_ random: inout RandomSource) {
        delay = random.duration(by)
    }

    func disturb(_ reply: inout LineReply) {
        reply.delay = delay
    }

    var replyWithoutLine: ReplyEffect { .delayed(delay) }
}
