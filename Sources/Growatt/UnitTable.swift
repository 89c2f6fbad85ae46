package import Modbus

/// A table of a unit, of registers or of single bits, by the word of configuration files and the command line.
package enum UnitTable: Hashable, Sendable {
    case registers(RegisterTable)
    case bits(BitTable)

    /// A table of single bits.
    package enum BitTable: String, CaseIterable, Hashable, Sendable {
        /// Functions 0x01, 0x05 and 0x0F.
        case coil
        /// Function 0x02.
        case discrete
    }

    package static let holding = UnitTable.registers(.holding)
    package static let input = UnitTable.registers(.input)
    package static let coil = UnitTable.bits(.coil)
    package static let discrete = UnitTable.bits(.discrete)
    /// Growatt's smart-meter block, function 0x20.
    package static let meter = UnitTable.registers(.meter)

    /// The function that reads it.
    package var function: FunctionCode {
        switch self {
        case .registers(let table): table.function
        case .bits(.coil): .readCoils
        case .bits(.discrete): .readDiscreteInputs
        }
    }

    /// - Parameter function: that reads it; nil for all others.
    package init?(readBy function: FunctionCode) {
        guard let table = Self.allCases.first(where: { $0.function == function }) else { return nil }
        self = table
    }

    /// Whether an item is one bit, and no register.
    package var isBits: Bool {
        if case .bits = self { true } else { false }
    }

    package var isWritable: Bool { self == .coil || self == .holding }
}

extension UnitTable: CaseIterable {
    package static let allCases: [UnitTable] = [.holding, .input, .coil, .discrete, .meter]
}

extension UnitTable: RawRepresentable {
    /// - Parameter rawValue: `holding`, `input`, `coil`, `discrete` or `meter`; nil for all others.
    package init?(rawValue: String) {
        if let table = RegisterTable(rawValue: rawValue) {
            self = .registers(table)
        } else if let table = BitTable(rawValue: rawValue) {
            self = .bits(table)
        } else {
            return nil
        }
    }

    package var rawValue: String {
        switch self {
        case .registers(let table): table.rawValue
        case .bits(let table): table.rawValue
        }
    }
}
