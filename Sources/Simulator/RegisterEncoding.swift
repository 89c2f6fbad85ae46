package import Recording

/// How a number stands in registers.
package struct RegisterEncoding: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case u16, s16
        /// Two registers, high word first.
        case u32, s32

        /// How many registers.
        package var width: Int { self == .u32 || self == .s32 ? 2 : 1 }

        /// What it can hold, in raw units.
        package var range: ClosedRange<Double> {
            switch self {
            case .u16: 0...65535
            case .s16: -32768...32767
            case .u32: 0...4_294_967_295
            case .s32: -2_147_483_648...2_147_483_647
            }
        }
    }

    package var kind: Kind
    /// What one raw unit means: 0.1 for a register in tenths.
    package var scale: Double

    package init(_ kind: Kind, scale: Double = 1) {
        self.kind = kind
        self.scale = scale
    }

    /// The values that can be written without being cut off.
    package var range: ClosedRange<Double> { kind.range.lowerBound * scale...kind.range.upperBound * scale }

    /// The words of a value, high word first; what does not fit becomes the nearest that does, and what is no number 0.
    package func words(_ value: Double) -> [UInt16] {
        let raw = (value / scale).rounded()
        let bits = UInt32(
            truncatingIfNeeded: Int64(raw.isNaN ? 0 : min(kind.range.upperBound, max(kind.range.lowerBound, raw))))
        return kind.width == 2
            ? [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)] : [UInt16(truncatingIfNeeded: bits)]
    }

    /// The value of words as ``words(_:)`` makes them.
    package func value(_ words: [UInt16]) -> Double {
        let bits = words.reduce(UInt32(0)) { $0 << 16 | UInt32($1) }
        let raw: Double
        switch kind {
        case .u16, .u32: raw = Double(bits)
        case .s16: raw = Double(Int16(truncatingIfNeeded: bits))
        case .s32: raw = Double(Int32(bitPattern: bits))
        }
        return raw * scale
    }
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
    package var addresses: ClosedRange<Int> { Int(address)...Int(address) + encoding.kind.width - 1 }
}
