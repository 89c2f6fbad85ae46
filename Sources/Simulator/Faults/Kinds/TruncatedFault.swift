/// Only the first bytes of the reply come.
struct TruncatedFault: FaultKind {
    static let word = "truncated"

    /// How many, where the reply has more.
    var count = 1

    mutating func draw(_ random: inout RandomSource) {
        count = Int.random(in: 1...250, using: &random)
    }

    func disturb(_ reply: inout LineReply) {
        reply.bytes = Array(reply.bytes.prefix(min(count, reply.bytes.count - 1)))
    }

    var replyWithoutLine: ReplyEffect { .lost }
}
