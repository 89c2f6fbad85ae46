/// One bit of the reply is wrong.
struct CRCFault: FaultKind {
    static let word = "crc"

    /// Of a reply of 256 bytes; of a shorter one the rest of the division.
    var bit = 0

    mutating func draw(_ random: inout RandomSource) {
        bit = Int.random(in: 0..<2048, using: &random)
    }

    func disturb(_ reply: inout LineReply) {
        let bit = bit % (reply.bytes.count * 8)
        reply.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }

    var replyWithoutLine: ReplyEffect { .lost }
}
