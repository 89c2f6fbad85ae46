/// The reply comes after the response timeout.
struct LateFault: FaultKind {
    static let word = "late"
    static let settings: [FaultSetting<LateFault>] = [.range("by", \.by)]

    var by: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(400)
    /// Of this reply.
    var lateness: Duration = .zero

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(by: .milliseconds(1)...limits.lateness)
    }

    mutating func draw(_ random: inout RandomSource) {
        lateness = random.duration(by)
    }

    func disturb(_ reply: inout LineReply) {
        reply.lateness = lateness
    }

    var replyWithoutLine: ReplyEffect { .lost }
}
