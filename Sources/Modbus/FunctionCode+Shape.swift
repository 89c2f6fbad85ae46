extension FunctionCode {
    /// The layout of a function's request and reply: the one table behind every length prediction.
    ///
    /// Source: Modbus Application Protocol V1.1b3, section 6; 0x20: Growatt's reading of a smart meter, as its dongles use it.
    package enum Shape: Sendable {
        /// 0x01, 0x02: address, quantity → byte count, bits.
        case readBits
        /// 0x03, 0x04, 0x20: address, quantity → byte count, registers.
        case readRegisters
        /// 0x05, 0x06: address, value → the same.
        case writeSingle
        /// 0x0F: address, quantity, byte count, bits → address, quantity.
        case writeBits
        /// 0x10: address, quantity, byte count, registers → address, quantity.
        case writeRegisters
        /// 0x16: address, AND mask, OR mask → the same.
        case maskWrite
        /// 0x17: read address and quantity, write address and quantity, byte count, registers → byte count, registers.
        case readWrite
        /// Everything else is carried, never opened: its length is not known from its bytes.
        case opaque
    }

    package var shape: Shape {
        switch self {
        case .readCoils, .readDiscreteInputs: .readBits
        case .readHoldingRegisters, .readInputRegisters, .readMeter: .readRegisters
        case .writeSingleCoil, .writeSingleRegister: .writeSingle
        case .writeMultipleCoils: .writeBits
        case .writeMultipleRegisters: .writeRegisters
        case .maskWriteRegister: .maskWrite
        case .readWriteMultipleRegisters: .readWrite
        default: .opaque
        }
    }

    /// Whether the function only reads. Everything else, unknown functions included, counts as a write (R9).
    package var isRead: Bool {
        switch shape {
        case .readBits, .readRegisters: true
        case .writeSingle, .writeBits, .writeRegisters, .maskWrite, .readWrite, .opaque: false
        }
    }
}
