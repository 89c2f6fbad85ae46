package import Modbus

/// The registers that a reply holds.
package struct ReadRegisters {
    package let unit: UnitIdentifier
    package let table: RegisterTable
    /// Of the first one.
    package let address: Int
    /// Two bytes for each register, the high one first.
    package let bytes: ArraySlice<UInt8>

    /// Nil unless the request is a read of one of the tables, and the reply has all registers.
    ///
    /// - Parameters:
    ///   - unit: that has answered; nil: none has.
    ///   - reply: nil: there was none.
    package init?(unit: UnitIdentifier?, request: PDU, reply: PDU?) {
        guard let reply, let unit, let table = RegisterTable(readBy: request.function),
            reply.function == request.function, let address = request.word(at: 1), let quantity = request.word(at: 3),
            reply.bytes.count == 2 + 2 * Int(quantity), reply.bytes[1] == 2 * quantity,
            Int(address) + Int(quantity) <= 65536
        else { return nil }
        (self.unit, self.table, self.address, bytes) = (unit, table, Int(address), reply.bytes[2...])
    }
}

extension Dataset.Unit {
    /// Takes over registers that were read.
    ///
    /// - Parameter replacing: whether a register that has a value gets the new one.
    package mutating func add(_ read: ReadRegisters, replacing: Bool) {
        // In place: through the subscript each value would copy the whole table.
        switch read.table {
        case .holding: Self.add(read, to: &holding, replacing: replacing)
        case .input: Self.add(read, to: &input, replacing: replacing)
        case .meter: Self.add(read, to: &meter, replacing: replacing)
        }
    }

    private static func add(_ read: ReadRegisters, to table: inout [UInt16: UInt16], replacing: Bool) {
        var (address, index) = (read.address, read.bytes.startIndex)
        while index + 1 < read.bytes.endIndex {
            let value = UInt16(read.bytes[index]) << 8 | UInt16(read.bytes[index + 1])
            let key = UInt16(address)
            if replacing || table[key] == nil { table[key] = value }
            (address, index) = (address + 1, index + 2)
        }
    }
}
