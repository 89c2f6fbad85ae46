/// The reply comes twice, one directly behind the other.
struct DuplicateFault: FaultKind {
    static let word = "duplicate"

    func disturb(_ reply: inout LineReply) {
        reply.trailer = reply.bytes
    }
}
