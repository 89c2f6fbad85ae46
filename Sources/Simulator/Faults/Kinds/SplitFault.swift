/// The reply has a pause within it.
struct SplitFault: FaultKind {
    static let word = "split"
    static let settings: [FaultSetting<SplitFault>] = [.range("by", \.by)]

    var by: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(80)
    /// How many bytes come before the pause; all, where the reply has less.
    var position = 1
    var pause: Duration = .zero

    mutating func draw(_ random: inout RandomSource) {
        position = Int.random(in: 1...250, using: &random)
        pause = random.duration(by)
    }

    func disturb(_ reply: inout LineReply) {
        reply.gap = (position, pause)
    }
}
