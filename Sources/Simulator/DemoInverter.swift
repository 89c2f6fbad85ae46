/// A MIN 6000TL-XH at noon: values of our own making, consistent with each other.
///
/// 4.5 kW from two strings; 1.2 kW of it charge the battery; what remains, less 2.5 % of losses, feeds house and grid.
/// Registers and scales: the TL-X/TL-XH range of the Growatt documents (input 3000–3249, holding 0–124 and 3000–3124).
package enum DemoInverter {
    package static var registers: DatasetUnit.Registers {
        var table = DatasetUnit.Registers(holding: settings, input: instantaneous, meter: meter)
        for (address, value) in powers { table.input.set(address, value) }
        for (address, value) in energies { table.input.set(address, value) }
        for (offset, word) in words(of: "DEM0BR0KER").enumerated() { table.holding[23 + UInt16(offset)] = word }
        for (offset, word) in words(of: "DEM0BR0KER").enumerated() { table.holding[3001 + UInt16(offset)] = word }
        for (offset, word) in words(of: "   PV Inverter  ").enumerated() { table.holding[34 + UInt16(offset)] = word }
        return table
    }

    /// 1 register each.
    private static let instantaneous: [UInt16: UInt16] = [
        3000: 1,  // status: normal
        3003: 3852, 3004: 65, 3007: 3720, 3008: 54,  // strings: 0.1 V, 0.1 A
        3025: 5001, 3026: 2384, 3027: 135,  // grid: 0.01 Hz, 0.1 V, 0.1 A
        3086: 0, 3087: 2815, 3092: 3910, 3093: 463, 3094: 489, 3095: 431, 3097: 402, 3098: 1955, 3099: 1955,
        3100: 20000, 3101: 54, 3105: 0, 3106: 0, 3118: 1, 3144: 0,
        3164: 1, 3166: 0x0201, 3169: 41250, 3170: 29, 3171: 64,  // battery: 0.01 V, 0.1 A, %
        3172: 3910, 3176: 384, 3177: 391, 3189: 4, 3190: 11, 3191: 281, 3192: 294, 3196: 64, 3197: 64, 3198: 1,
        3215: 64, 3216: 41250, 3217: 291, 3218: 294, 3221: 212, 3222: 99, 3230: 3319, 3231: 3312,
    ]

    /// 2 registers each, high word first, 0.1 W.
    private static let powers: [UInt16: UInt32] = [
        3001: 45126, 3005: 25038, 3009: 20088,  // PV total, strings
        3019: 32298, 3023: 32298, 3028: 32298,  // system, AC
        3041: 0, 3043: 24174, 3045: 8124,  // from the grid, to the grid, house
        3102: 60000, 3121: 8124, 3178: 0, 3180: 12000,  // limit, self-use, discharge, charge
    ]

    /// 2 registers each, high word first, 0.1 kWh (3047: 0.5 s).
    private static let energies: [UInt16: UInt32] = [
        3047: 58_320_000, 3049: 98, 3051: 152_340, 3053: 157_120, 3055: 71, 3057: 86_930, 3059: 57, 3061: 70_190,
        3067: 12, 3069: 21_870, 3071: 54, 3073: 88_410, 3075: 86, 3077: 85_800, 3083: 128,
        3125: 9, 3127: 18_220, 3129: 34, 3131: 19_960,
    ]

    private static let settings: [UInt16: UInt16] = [
        0: 1, 3: 100, 5: 10000, 8: 1000, 15: 1, 22: 1, 30: 1, 31: 100, 43: 5100, 44: 0x0201,
        45: 2026, 46: 6, 47: 21, 48: 12, 49: 0, 50: 0, 73: 0x0200, 88: 207,
        3000: 500, 3017: 500, 3019: 400, 3036: 100, 3037: 10, 3047: 100, 3048: 90, 3049: 0, 3070: 1, 3085: 1,
    ]

    private static let meter: [UInt16: UInt16] = [0: 0, 1: 0x8C00, 4: 2384, 5: 101, 7: 5001]

    /// Two characters a register.
    private static func words(of text: String) -> [UInt16] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    }
}

extension [UInt16: UInt16] {
    /// Stores a number in two registers, high word first.
    fileprivate mutating func set(_ address: UInt16, _ value: UInt32) {
        self[address] = UInt16(value >> 16)
        self[address + 1] = UInt16(truncatingIfNeeded: value)
    }
}
