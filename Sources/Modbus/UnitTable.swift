/// The tables of a unit, by the words of the command line and of configuration files.
package enum UnitTable: String, CaseIterable, Hashable, Sendable {
    case holding, input, coil, discrete
    /// Growatt's smart-meter block, function 0x20.
    case meter

    /// The function that reads it.
    package var function: FunctionCode {
        switch self {
        case .holding: .readHoldingRegisters
        case .input: .readInputRegisters
        case .coil: .readCoils
        case .discrete: .readDiscreteInputs
        case .meter: .readMeter
        }
    }

    /// - Parameter function: that reads it; nil for all others.
    package init?(readBy function: FunctionCode) {
        guard let table = Self.allCases.first(where: { $0.function == function }) else { return nil }
        self = table
    }

    /// Whether an item is one bit, and no register.
    package var isBits: Bool { self == .coil || self == .discrete }

    package var isWritable: Bool { self == .coil || self == .holding }
}
