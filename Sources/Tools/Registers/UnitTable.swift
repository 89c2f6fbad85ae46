package import Modbus

/// The tables of a unit, by the words of the command line.
package enum UnitTable: String, CaseIterable, Hashable, Sendable {
    case holding, input, coil, discrete
    /// Growatt's smart-meter block, function 0x20.
    case meter

    static var allowed: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// What reads it.
    package var function: FunctionCode {
        switch self {
        case .holding: .readHoldingRegisters
        case .input: .readInputRegisters
        case .coil: .readCoils
        case .discrete: .readDiscreteInputs
        case .meter: FunctionCode(rawValue: 0x20)
        }
    }

    /// Whether an item is one bit, and no register.
    package var isBits: Bool { self == .coil || self == .discrete }

    package var isWritable: Bool { self == .coil || self == .holding }

    /// The items of a reply to a read of so many; nil if it does not hold them.
    func values(of reply: PDU, count: Int) -> [UInt16]? {
        guard isBits else {
            guard let registers = reply.registers, registers.count == count else { return nil }
            return registers
        }
        guard reply.bytes.count == 2 + (count + 7) / 8 else { return nil }
        return (0..<count).map { UInt16(reply.bytes[2 + $0 / 8] >> UInt8($0 % 8) & 1) }
    }
}
