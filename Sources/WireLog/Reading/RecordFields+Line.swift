internal import Modbus

extension RecordFields {
    /// The line that these fields make; nil if they make none.
    var line: RecordedLine? {
        guard let wall = wallMicroseconds ?? seconds, Self.times ~= wall, Self.times ~= (seconds ?? wall) else {
            return nil
        }
        if let role { return event(role, wall) }
        if let operation { return call(operation, wall) }
        return nil
    }

    private func event(_ role: WireLogRole, _ wall: Int64) -> RecordedLine? {
        let kind: RecordedLine.Kind =
            switch role {
            case .request: .request
            case .reply: .reply
            case .drop: .drop
            case .warning: .warning
            case .system: .system
            case .raw: .raw
            }
        if kind == .request || kind == .reply, client == nil || hex == nil { return nil }
        var line = RecordedLine(kind, microseconds: seconds ?? wall, wallMicroseconds: wall)
        line.client = client
        line.bytes = hex ?? []
        line.unit = Self.integer(unit).map { UnitIdentifier(rawValue: $0) }
        line.function = Self.integer(function).map { FunctionCode(rawValue: $0) }
        line.event = event
        line.reason = reason
        line.outcome = outcome
        line.isFromBroker = isFromBroker
        line.busTime = busTime
        line.waitingTime = waitingTime
        line.lost = Self.integer(lost) ?? 0
        line.baud = Self.integer(baud)
        line.characterBits = characterBits
        line.lineName = lineName
        return line
    }

    private var wallMicroseconds: Int64? {
        switch time {
        case .civil(let microseconds), .since1970(let microseconds): microseconds
        case nil: nil
        }
    }

    private func call(_ operation: CapturedCall, _ wall: Int64) -> RecordedLine? {
        guard let unit: UInt8 = Self.integer(unit),
            let request = request(operation), let reply = reply(operation, to: request)
        else { return nil }
        var line = RecordedLine(.call, microseconds: seconds ?? wall, wallMicroseconds: wall)
        line.client = .ofCapture
        line.unit = UnitIdentifier(rawValue: unit)
        line.function = request.function
        line.request = request
        line.bytes = reply
        line.lineName = lineName
        return line
    }

    private func request(_ operation: CapturedCall) -> PDU? {
        let address: UInt16? = Self.integer(address)
        let quantity: UInt16? = Self.integer(quantity)
        switch operation {
        case .raw: return pdu.flatMap { try? PDU($0) }
        case .readHolding, .readInput:
            guard let address, let quantity else { return nil }
            let function = operation == .readHolding ? FunctionCode.readHoldingRegisters : .readInputRegisters
            return PDU(read: function, address: address, quantity: quantity)
        case .writeSingle:
            guard let address, let value: Int = Self.integer(value), (-32768...65535).contains(value) else {
                return nil
            }
            return PDU(write: .writeSingleRegister, address: address, value: UInt16(truncatingIfNeeded: value))
        case .writeMultiple:
            guard let address, let registers, (1...123).contains(registers.count) else { return nil }
            let header = [address, UInt16(registers.count)].flatMap(Self.bigEndian)
            let data = registers.flatMap(Self.bigEndian)
            return try? PDU([FunctionCode.writeMultipleRegisters.rawValue] + header + [UInt8(data.count)] + data)
        }
    }

    /// The bytes of the reply's PDU, empty if there is none; nil if the fields contradict each other.
    private func reply(_ operation: CapturedCall, to request: PDU) -> [UInt8]? {
        if let code: UInt8 = Self.integer(code), hasError {
            return PDU(exception: ExceptionCode(rawValue: code), to: request.function).bytes
        }
        if hasError { return [] }
        switch operation {
        case .raw:
            guard let reply, let function = reply.first else { return [] }
            return FunctionCode(rawValue: function).withoutExceptionBit == request.function ? reply : nil
        case .writeSingle, .writeMultiple: return request.acknowledgement?.bytes ?? []
        case .readHolding, .readInput:
            guard let registers, (1...125).contains(registers.count), Self.integer(quantity) == registers.count else {
                return nil
            }
            return PDU(registers: registers, replyTo: request.function).bytes
        }
    }

    private static func bigEndian(_ word: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word)]
    }
}
