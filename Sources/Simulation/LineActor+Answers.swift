internal import Broker
internal import Modbus
internal import Simulator

extension LineActor {
    /// Whether this may be given to a client as the answer to its request (R3, R4), both as the line knows the unit.
    func isRightAnswer(_ reply: RTUFrame, to request: RTUFrame, arrived: Instant) -> Bool {
        let isRead = request.pdu.function.isRead
        if request.unit.isBroadcast, !isRead {
            // No unit answers: the broker tells that it was sent.
            return reply.pdu == request.pdu.acknowledgement && transmissions.isSent(request, since: arrived)
        }
        let parts = settings.parts(of: request)
        guard parts.count > 1, let registers = reply.pdu.registers else {
            return parts.contains { isRightPart(reply, of: $0, isRead: isRead, arrived: arrived) }
        }
        var rest = registers[...]
        for part in parts {
            let count = Int(part.pdu.word(at: 3) ?? 0)
            guard rest.count >= count else { return false }
            let pdu = PDU(registers: Array(rest.prefix(count)), replyTo: part.pdu.function)
            rest = rest.dropFirst(count)
            let answer = RTUFrame(unit: reply.unit, pdu: pdu)
            guard isRightPart(answer, of: part, isRead: isRead, arrived: arrived) else { return false }
        }
        return rest.isEmpty
    }

    private func isRightPart(_ reply: RTUFrame, of part: RTUFrame, isRead: Bool, arrived: Instant) -> Bool {
        transmissions.isRightAnswer(reply, to: part, isRead: isRead, arrived: arrived, now: timeline.now)
    }
}
