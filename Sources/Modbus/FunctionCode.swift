/// The first byte of a PDU: an open set, because vendors use codes of their own.
///
/// Requests use 1–127; a reply with the high bit set is an exception.
/// Source: Modbus Application Protocol V1.1b3, section 5.
package struct FunctionCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let readCoils = FunctionCode(rawValue: 0x01)
    package static let readDiscreteInputs = FunctionCode(rawValue: 0x02)
    package static let readHoldingRegisters = FunctionCode(rawValue: 0x03)
    package static let readInputRegisters = FunctionCode(rawValue: 0x04)
    package static let writeSingleCoil = FunctionCode(rawValue: 0x05)
    package static let writeSingleRegister = FunctionCode(rawValue: 0x06)
    package static let writeMultipleCoils = FunctionCode(rawValue: 0x0F)
    package static let writeMultipleRegisters = FunctionCode(rawValue: 0x10)
    package static let maskWriteRegister = FunctionCode(rawValue: 0x16)
    package static let readWriteMultipleRegisters = FunctionCode(rawValue: 0x17)
    /// Growatt's smart-meter block: outside the specification, and laid out like 0x03.
    package static let readMeter = FunctionCode(rawValue: 0x20)

    /// Whether the high bit is set, as in an exception reply.
    package var isException: Bool { rawValue & 0x80 != 0 }

    /// The code that an exception reply to this function carries.
    package var exception: FunctionCode { FunctionCode(rawValue: rawValue | 0x80) }

    /// The function that an exception reply answers; itself for any other code.
    package var withoutExceptionBit: FunctionCode { FunctionCode(rawValue: rawValue & 0x7F) }

    /// Two hexadecimal digits: `0x03`.
    package var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return digits.count == 1 ? "0x0\(digits)" : "0x\(digits)"
    }
}
