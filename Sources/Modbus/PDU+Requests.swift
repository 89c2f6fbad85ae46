extension PDU {
    /// A read request: 5 bytes.
    ///
    /// - Parameters:
    ///   - function: 0x01–0x04, or one that looks like them.
    ///   - quantity: not checked here.
    package init(read function: FunctionCode, address: UInt16, quantity: UInt16) {
        self.init(counted: [function.rawValue] + Self.bigEndian(address, quantity))
    }

    /// A write of one register (0x06), or of one coil (0x05: 0x0000 or 0xFF00): 5 bytes.
    package init(write function: FunctionCode, address: UInt16, value: UInt16) {
        self.init(counted: [function.rawValue] + Self.bigEndian(address, value))
    }

    /// What a unit answers to this write if it executes it: the echo of its first fields; nil for any other function.
    package var acknowledgement: PDU? {
        let length: Int
        switch function {
        case .writeSingleCoil, .writeSingleRegister, .writeMultipleCoils, .writeMultipleRegisters: length = 5
        case .maskWriteRegister: length = 7
        default: return nil
        }
        return bytes.count >= length ? PDU(counted: Array(bytes.prefix(length))) : nil
    }

    private static func bigEndian(_ words: UInt16...) -> [UInt8] {
        words.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }
}

extension PDU {
    /// The reply to a register read: 1–125 registers.
    package init(registers: [UInt16], replyTo function: FunctionCode) {
        let data = registers.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        self.init(counted: [function.rawValue, UInt8(data.count)] + data)
    }

    /// The registers of a reply to a register read; nil if the byte count is odd or does not fit.
    package var registers: [UInt16]? {
        guard bytes.count >= 2, bytes.count == 2 + Int(bytes[1]), bytes[1].isMultiple(of: 2) else { return nil }
        return stride(from: 2, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }
}
