package import Modbus

/// Which registers of a unit: the tables of a dataset, by the names that it uses.
package enum RegisterTable: String, Hashable, CaseIterable, Comparable, Sendable {
    /// Functions 0x03, 0x06, 0x10, 0x16 and 0x17.
    case holding
    /// Function 0x04.
    case input
    /// Growatt's smart-meter block, function 0x20.
    case meter

    /// The function that reads it.
    package var function: FunctionCode {
        let table: UnitTable =
            switch self {
            case .holding: .holding
            case .input: .input
            case .meter: .meter
            }
        return table.function
    }

    /// - Parameter function: that reads it; nil for all others.
    package init?(readBy function: FunctionCode) {
        switch function.rawValue {
        case Self.holding.function.rawValue: self = .holding
        case Self.input.function.rawValue: self = .input
        case Self.meter.function.rawValue: self = .meter
        default: return nil
        }
    }

    /// Its place among all: 0–2.
    var position: Int {
        switch self {
        case .holding: 0
        case .input: 1
        case .meter: 2
        }
    }

    package static func < (lhs: RegisterTable, rhs: RegisterTable) -> Bool { lhs.position < rhs.position }
}

extension Dataset.Unit {
    /// The values of one table by address.
    package subscript(table: RegisterTable) -> [UInt16: UInt16] {
        get {
            switch table {
            case .holding: holding
            case .input: input
            case .meter: meter
            }
        }
        set {
            switch table {
            case .holding: holding = newValue
            case .input: input = newValue
            case .meter: meter = newValue
            }
        }
    }
}

/// The registers that a reply holds.
struct ReadRegisters {
    let unit: UnitIdentifier
    let table: RegisterTable
    /// Of the first one.
    let address: Int
    /// Two bytes for each register, the high one first.
    let bytes: ArraySlice<UInt8>

    /// Nil unless the exchange is a read of one of the tables, and its reply has all registers.
    init?(_ exchange: RecordedExchange) {
        guard let reply = exchange.reply, let unit = exchange.answeringUnit,
            let table = RegisterTable(readBy: exchange.request.function), reply.function == exchange.request.function,
            let address = exchange.request.word(at: 1), let quantity = exchange.request.word(at: 3),
            reply.bytes.count == 2 + 2 * Int(quantity), reply.bytes[1] == 2 * quantity,
            Int(address) + Int(quantity) <= 65536
        else { return nil }
        (self.unit, self.table, self.address, bytes) = (unit, table, Int(address), reply.bytes[2...])
    }
}
