/// How a measured value stands in registers.
package struct RegisterEncoding: Hashable, Sendable {
    package var type: IntegerType
    /// What one raw unit means: 0.1 for a register in tenths.
    package var scale: Double

    package init(_ type: IntegerType, scale: Double = 1) {
        self.type = type
        self.scale = scale
    }

    /// The values that can be written without being cut off.
    package var range: ClosedRange<Double> { rawRange.lowerBound * scale...rawRange.upperBound * scale }

    private var rawRange: ClosedRange<Double> { Double(type.range.lowerBound)...Double(type.range.upperBound) }

    /// The words of a value, high word first; what does not fit becomes the nearest that does, and what is no number 0.
    package func words(_ value: Double) -> [UInt16] {
        let raw = (value / scale).rounded()
        return type.words(Int(raw.isNaN ? 0 : min(rawRange.upperBound, max(rawRange.lowerBound, raw))))
    }

    /// The value of words as ``words(_:)`` makes them.
    package func value(_ words: [UInt16]) -> Double { Double(type.number(words)) * scale }
}

/// Where a number stands: its table, the address of its first register, and how it is written.
package struct RegisterPlace: Hashable, Sendable {
    package var table: RegisterTable
    package var address: UInt16
    package var encoding: RegisterEncoding

    package init(_ table: RegisterTable, _ address: UInt16, _ encoding: RegisterEncoding) {
        self.table = table
        self.address = address
        self.encoding = encoding
    }

    /// The registers it takes.
    package var addresses: ClosedRange<Int> { Int(address)...Int(address) + encoding.type.registers - 1 }
}
