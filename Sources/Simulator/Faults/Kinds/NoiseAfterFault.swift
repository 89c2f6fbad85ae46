/// 1–12 other bytes come directly behind the reply.
struct NoiseAfterFault: FaultKind {
    static let word = "noise-after"

    var noise: [UInt8] = []

    mutating func draw(_ random: inout RandomSource) {
        noise = random.noise()
    }

    func disturb(_ reply: inout LineReply) {
        reply.trailer = noise
    }
}
