package import Modbus

/// A table of registers, 16 bits each, by the word of datasets, configuration files and the command line.
package enum RegisterTable: String, Hashable, CaseIterable, Comparable, Sendable {
    /// Functions 0x03, 0x06, 0x10, 0x16 and 0x17.
    case holding
    /// Function 0x04.
    case input
    /// Growatt's smart-meter block, function 0x20.
    case meter

    /// The function that reads it.
    package var function: FunctionCode {
        switch self {
        case .holding: .readHoldingRegisters
        case .input: .readInputRegisters
        case .meter: .readMeter
        }
    }

    /// - Parameter function: that reads it; nil for all others.
    package init?(readBy function: FunctionCode) {
        switch function {
        case .readHoldingRegisters: self = .holding
        case .readInputRegisters: self = .input
        case .readMeter: self = .meter
        default: return nil
        }
    }

    /// Its place among all: 0–2.
    package var position: Int {
        switch self {
        case .holding: 0
        case .input: 1
        case .meter: 2
        }
    }

    package static func < (lhs: RegisterTable, rhs: RegisterTable) -> Bool { lhs.position < rhs.position }
}
