internal import Modbus

/// Whether a reply fits its request (R3): told from the request alone, by other means than the broker's own.
enum ReplyFit {
    /// What does not fit; nil: all does.
    static func misfit(of reply: RTUFrame, to request: RTUFrame) -> String? {
        let (asked, given) = (request.pdu, reply.pdu)
        if !request.unit.isBroadcast, reply.unit != request.unit { return "unit" }
        if given.function.withoutExceptionBit != asked.function { return "function" }
        if given.function.isException { return given.bytes.count == 2 ? nil : "length of the exception" }
        guard let parsed = try? Request(asked) else { return nil }
        switch parsed {
        case .readBits(_, let range): return counted((Int(range.quantity) + 7) / 8, given)
        case .readRegisters(_, let range), .readWrite(let range, _, _): return counted(Int(range.quantity) * 2, given)
        case .writeSingle, .writeCoils, .writeRegisters, .maskWrite:
            return given == asked.acknowledgement ? nil : "echo"
        case .opaque: return nil
        }
    }

    private static func counted(_ count: Int, _ reply: PDU) -> String? {
        reply.bytes.count == 2 + count && Int(reply.bytes[1]) == count ? nil : "byte count"
    }
}
