internal import Modbus

extension Fault {
    /// What comes of a reply: pieces, each after a pause.
    func apply(to reply: [UInt8]) -> [(pause: Duration, bytes: [UInt8])] {
        switch self {
        case .none, .late, .exception, .delay: [(.zero, reply)]
        case .loss, .asleep, .unplugged: []
        case .duplicate: [(.zero, reply + reply)]
        case .truncated(let count): [(.zero, Array(reply.prefix(min(count, reply.count - 1))))]
        case .corrupted(let bit): [(.zero, Self.flip(bit % (reply.count * 8), in: reply))]
        case .wrongUnit(let difference): [(.zero, Self.resealed(reply) { $0[0] &+= difference })]
        case .wrongFunction(let difference): [(.zero, Self.resealed(reply) { $0[1] ^= difference })]
        case .wrongLength(let registers): [(.zero, Self.shortened(reply, by: 2 * registers))]
        case .noiseBefore(let noise): [(.zero, noise + reply)]
        case .noiseAfter(let noise): [(.zero, reply + noise)]
        case .split(let position, let pause):
            [(.zero, Array(reply.prefix(position))), (pause, Array(reply.dropFirst(position)))]
        }
    }

    /// How many of the bytes that come are over when the reply itself is.
    func endOfReply(_ reply: [UInt8], of count: Int) -> Int {
        switch self {
        case .duplicate, .noiseAfter: reply.count
        default: count
        }
    }

    private static func flip(_ bit: Int, in reply: [UInt8]) -> [UInt8] {
        var reply = reply
        reply[bit / 8] ^= 1 << UInt8(bit % 8)
        return reply
    }

    /// A reply with a register less; the echo of a write is changed in its value instead, to one that is not in use, and
    /// what is too short for either is changed in its function.
    private static func shortened(_ reply: [UInt8], by count: Int) -> [UInt8] {
        let writes: [FunctionCode] = [
            .writeSingleCoil, .writeSingleRegister, .writeMultipleCoils, .writeMultipleRegisters,
        ]
        if reply.count == 8, writes.contains(FunctionCode(rawValue: reply[1])) {
            return resealed(reply) { $0[4] ^= 0x80 }
        }
        guard reply.count > 5 + count, Int(reply[2]) > count else { return resealed(reply) { $0[1] ^= 0x48 } }
        return resealed(reply) {
            $0.removeLast(count)
            $0[2] -= UInt8(count)
        }
    }

    private static func resealed(_ reply: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
        var body = Array(reply.dropLast(2))
        change(&body)
        let crc = CRC16.checksum(of: body)
        return body + [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
    }
}
