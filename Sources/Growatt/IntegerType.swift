/// How an integer stands in one register or two; of two, the one with the lower address has the high word.
package enum IntegerType: String, CaseIterable, Hashable, Sendable {
    case u16, s16, u32, s32

    /// How many registers one value takes: 1 or 2.
    package var registers: Int { self == .u32 || self == .s32 ? 2 : 1 }

    /// What it can hold.
    package var range: ClosedRange<Int> {
        switch self {
        case .u16: 0...65535
        case .s16: -32768...32767
        case .u32: 0...4_294_967_295
        case .s32: -2_147_483_648...2_147_483_647
        }
    }

    /// The words of a number, the high one first; a number out of ``range`` loses its highest bits.
    package func words(_ number: Int) -> [UInt16] {
        registers == 2 ? UInt32(truncatingIfNeeded: number).words16 : [UInt16(truncatingIfNeeded: number)]
    }

    /// The number of words as ``words(_:)`` makes them.
    package func number(_ words: some Sequence<UInt16>) -> Int {
        let bits = UInt32(words16: words)
        return switch self {
        case .u16, .u32: Int(bits)
        case .s16: Int(Int16(truncatingIfNeeded: bits))
        case .s32: Int(Int32(bitPattern: bits))
        }
    }
}

extension UInt32 {
    /// - Parameter words: the high one first; of more than two the last two count.
    init(words16 words: some Sequence<UInt16>) {
        self = words.reduce(0) { $0 << 16 | UInt32($1) }
    }

    /// The high one first.
    var words16: [UInt16] { [UInt16(self >> 16), UInt16(truncatingIfNeeded: self)] }
}
