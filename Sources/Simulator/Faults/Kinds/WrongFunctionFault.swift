/// The reply names another function, with the right CRC.
struct WrongFunctionFault: FaultKind {
    static let word = "wrong-function"

    /// The bits in which it differs; no such function should be in use.
    var difference: UInt8 = 0x48

    func disturb(_ reply: inout LineReply) {
        reply.reseal { $0[1] ^= difference }
    }

    var replyWithoutLine: ReplyEffect { .lost }
}
