package import Modbus

/// The tables of registers that datasets and analyses know.
package enum RegisterTable: UInt8, CaseIterable, Comparable, Sendable {
    case holding
    case input
    /// Growatt's smart-meter block, function 0x20.
    case meter

    /// As in a dataset.
    package var name: String {
        switch self {
        case .holding: "holding"
        case .input: "input"
        case .meter: "meter"
        }
    }

    /// The function that reads it.
    package var function: FunctionCode {
        switch self {
        case .holding: .readHoldingRegisters
        case .input: .readInputRegisters
        case .meter: FunctionCode(rawValue: 0x20)
        }
    }

    /// - Parameter function: that reads it; nil for all others.
    package init?(readBy function: FunctionCode) {
        guard let table = Self.allCases.first(where: { $0.function == function }) else { return nil }
        self = table
    }

    /// How recordings of Growatt inverters are read: 0x20 looks like 0x03.
    package static let shapes = FunctionShapes(readLike: [RegisterTable.meter.function])

    package static func < (lhs: RegisterTable, rhs: RegisterTable) -> Bool { lhs.rawValue < rhs.rawValue }
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
