/// The reply comes twice, one directly behind the other.
struct DuplicateFault: FaultKind {
    static let word = "duplicate"

    /// A copy that begins behind the next request is taken for its reply by everybody.
    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        limits.copiesComeAtOnce ? Self() : nil
    }

    func disturb(_ reply: inout LineReply) {
        reply.trailer = reply.bytes
    }
}
