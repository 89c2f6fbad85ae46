import Modbus

/// The replies of a unit that is well.
enum Unit {
    /// The right answer: registers that all hold `value`, or the echo of a write.
    static func reply(to request: RTUFrame, value: UInt16 = 0x1234) -> RTUFrame {
        let unit: UnitIdentifier = request.unit.isBroadcast ? 1 : request.unit
        return RTUFrame(unit: unit, pdu: request.pdu.acknowledgement ?? .values(value, to: request.pdu))
    }

    /// Every request is answered this long after its end.
    static func answering(after delay: Duration, value: UInt16 = 0x1234) -> (RTUFrame) -> [ScriptedLine.Piece] {
        { request in
            request.unit.isBroadcast && request.pdu.acknowledgement != nil
                ? [] : [(delay, reply(to: request, value: value).bytes)]
        }
    }

    /// The requests in turn are answered as these say; those behind the last are not answered.
    static func inTurn(
        _ answers: (RTUFrame) -> [ScriptedLine.Piece]...
    ) -> (RTUFrame) -> [ScriptedLine.Piece] {
        var rest = answers[...]
        return { rest.popFirst()?($0) ?? [] }
    }

    static func silent(_ request: RTUFrame) -> [ScriptedLine.Piece] { [] }
}

extension PDU {
    static func holding(_ address: UInt16, _ quantity: UInt16 = 1) -> PDU {
        PDU(read: .readHoldingRegisters, address: address, quantity: quantity)
    }

    static func input(_ address: UInt16, _ quantity: UInt16 = 1) -> PDU {
        PDU(read: .readInputRegisters, address: address, quantity: quantity)
    }

    static func write(_ address: UInt16, _ value: UInt16) -> PDU {
        PDU(write: .writeSingleRegister, address: address, value: value)
    }

    /// A function of unknown layout.
    static let unknown = raw(0x41, 0x00, 0x01)

    static func raw(_ bytes: UInt8...) -> PDU {
        guard let pdu = try? PDU(bytes) else { fatalError("no PDU: \(bytes)") }
        return pdu
    }

    /// The answer to a register read, or the same bytes for a function of unknown layout.
    static func values(_ value: UInt16, to request: PDU) -> PDU {
        guard let quantity = request.word(at: 3), request.bytes.count == 5 else { return request }
        let word = [UInt8(value >> 8), UInt8(value & 0xFF)]
        let bytes = [request.function.rawValue, UInt8(quantity * 2)] + (0..<quantity).flatMap { _ in word }
        guard let pdu = try? PDU(bytes) else { fatalError("no PDU: \(bytes)") }
        return pdu
    }
}

extension RTUFrame {
    /// The exception that a unit answers to this request.
    func exception(_ code: ExceptionCode) -> RTUFrame {
        RTUFrame(unit: unit, pdu: PDU(exception: code, to: pdu.function))
    }
}
