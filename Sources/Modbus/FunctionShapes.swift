/// What the bytes of a function look like: the one table behind every length prediction.
///
/// The codes of the specification are built in; vendor codes that look like a register read (Growatt's 0x20, the
/// smart-meter block) are added by configuration. Every other function is opaque: carried, never opened.
package struct FunctionShapes: Hashable, Sendable {
    /// The layout of a function's request and reply.
    package enum Shape: Sendable {
        /// 0x01, 0x02: address, quantity → byte count, bits.
        case readBits
        /// 0x03, 0x04 and configured codes: address, quantity → byte count, registers.
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
        /// Everything else: its length is not known from its bytes.
        case opaque
    }

    private var shapes: [Shape]

    /// - Parameter readLike: further function codes with the layout of 0x03; codes of the specification keep theirs.
    package init(readLike: [FunctionCode] = []) {
        shapes = Array(repeating: .opaque, count: 256)
        for function in readLike where !function.isException {
            shapes[Int(function.rawValue)] = .readRegisters
        }
        for (code, shape) in Self.standard {
            shapes[Int(code.rawValue)] = shape
        }
    }

    private static let standard: [(FunctionCode, Shape)] = [
        (.readCoils, .readBits), (.readDiscreteInputs, .readBits),
        (.readHoldingRegisters, .readRegisters), (.readInputRegisters, .readRegisters),
        (.writeSingleCoil, .writeSingle), (.writeSingleRegister, .writeSingle),
        (.writeMultipleCoils, .writeBits), (.writeMultipleRegisters, .writeRegisters),
        (.maskWriteRegister, .maskWrite), (.readWriteMultipleRegisters, .readWrite),
    ]

    package func shape(of function: FunctionCode) -> Shape {
        shapes[Int(function.rawValue)]
    }

    /// Whether the function only reads. Everything else, unknown functions included, counts as a write (R9).
    package func isRead(_ function: FunctionCode) -> Bool {
        switch shape(of: function) {
        case .readBits, .readRegisters: true
        default: false
        }
    }
}
