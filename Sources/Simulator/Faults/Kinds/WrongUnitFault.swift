/// The reply names another unit, with the right CRC.
struct WrongUnitFault: FaultKind {
    static let word = "wrong-unit"

    /// How much higher the number is; no such unit should be in use.
    var difference: UInt8 = 100

    func disturb(_ reply: inout LineReply) {
        reply.reseal { $0[0] &+= difference }
    }

    var replyWithoutLine: ReplyEffect { .lost }
}
