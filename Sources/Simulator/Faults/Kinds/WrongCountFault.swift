internal import Modbus

/// The reply has fewer registers than asked for, or the echo of a write another value, with the right CRC.
struct WrongCountFault: FaultKind {
    static let word = "wrong-count"

    /// How many are missing.
    var registers = 1

    /// With a count for which no client asks: else it looks just like the late reply to another request.
    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(registers: 7)
    }

    /// The value of an echo becomes one that is not in use. What is too short for either is changed in its function.
    func disturb(_ reply: inout LineReply) {
        let count = 2 * registers
        if reply.bytes.count == 8, Self.writes.contains(FunctionCode(rawValue: reply.bytes[1])) {
            return reply.reseal { $0[4] ^= 0x80 }
        }
        guard reply.bytes.count > 5 + count, Int(reply.bytes[2]) > count else {
            return reply.reseal { $0[1] ^= 0x48 }
        }
        reply.reseal {
            $0.removeLast(count)
            $0[2] -= UInt8(count)
        }
    }

    private static let writes: [FunctionCode] = [
        .writeSingleCoil, .writeSingleRegister, .writeMultipleCoils, .writeMultipleRegisters,
    ]

    var replyWithoutLine: ReplyEffect { .lost }
}
