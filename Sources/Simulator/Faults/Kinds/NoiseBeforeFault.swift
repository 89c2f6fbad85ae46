/// 1–12 other bytes come directly before the reply.
struct NoiseBeforeFault: FaultKind {
    static let word = "noise-before"

    var noise: [UInt8] = []

    mutating func draw(_ random: inout RandomSource) {
        noise = random.noise()
    }

    func disturb(_ reply: inout LineReply) {
        reply.bytes = noise + reply.bytes
    }
}
