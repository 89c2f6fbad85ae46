extension PDU {
    /// A write of several registers (0x10): nil unless there are 1–123.
    package init?(writeRegisters values: [UInt16], address: UInt16) {
        guard (1...123).contains(values.count) else { return nil }
        let data = values.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        self.init(counted: Self.head(.writeMultipleRegisters, address, values.count, data.count) + data)
    }

    /// A write of several coils (0x0F): nil unless there are 1–1968.
    package init?(writeCoils values: [Bool], address: UInt16) {
        guard (1...1968).contains(values.count) else { return nil }
        var data = [UInt8](repeating: 0, count: (values.count + 7) / 8)
        for (index, value) in values.enumerated() where value { data[index / 8] |= 1 << UInt8(index % 8) }
        self.init(counted: Self.head(.writeMultipleCoils, address, values.count, data.count) + data)
    }

    private static func head(_ function: FunctionCode, _ address: UInt16, _ quantity: Int, _ count: Int) -> [UInt8] {
        let words = [address, UInt16(quantity)].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        return [function.rawValue] + words + [UInt8(count)]
    }
}
