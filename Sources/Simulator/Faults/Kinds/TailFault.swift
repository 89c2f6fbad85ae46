internal import Broker

/// The reply comes later than it would, mostly a little and seldom by very much: exponential, at most about twenty times the
/// mean.
struct TailFault: FaultKind {
    static let word = "tail"
    static let settings: [FaultSetting<TailFault>] = [.time("by", \.mean, isNeeded: true)]

    var mean: Duration = .zero
    /// Of this reply.
    var delay: Duration = .zero

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(mean: random.duration(.milliseconds(1)...limits.responseTimeout / 2))
    }

    mutating func draw(_ random: inout RandomSource) {
        delay = random.tail(mean: mean)
    }

    func disturb(_ reply: inout LineReply) {
        reply.delay = delay
    }

    var replyWithoutLine: ReplyEffect { .delayed(delay) }
}

extension RandomSource {
    /// Exponential: in steps of halving, which needs no logarithm and is the same on every machine.
    fileprivate mutating func tail(mean: Duration) -> Duration {
        var doublings = 0
        while doublings < 29, next() & 1 == 0 { doublings += 1 }
        let fraction = Double(next() >> 11) * 0x1p-53
        // Within one halving the exponential is nearly straight. ln 2 = 0.6931.
        let nanoseconds = Double(mean.nanoseconds) * 0.693_147 * (Double(doublings) + fraction)
        return Duration(nanoseconds: Int64(nanoseconds))
    }
}
