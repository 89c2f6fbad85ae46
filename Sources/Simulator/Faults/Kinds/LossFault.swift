/// The unit executes the request, and its reply does not come.
struct LossFault: FaultKind {
    static let word = "loss"

    func disturb(_ reply: inout LineReply) {
        reply.bytes = []
    }

    var replyWithoutLine: ReplyEffect { .lost }
}

extension FaultRule {
    /// Replies are lost with this probability, 0–1.
    package static func loss(_ probability: Double) -> FaultRule {
        FaultRule(LossFault(), probability)
    }
}
