/// Which registers of a family show which quantities of a plant.
///
/// Source: the registers, types and scales of the Growatt documents (Protocol II V1.24) as confirmed by open-source
/// integrations and by recorded traffic.
package enum RegisterFamily: String, Hashable, Sendable, CaseIterable {
    /// MIN TL-X and TL-XH, MOD TL3-XH: input 3000–3249, also 0–124, and the meter block.
    case tlx
    /// SPH, SPA, MIX: input 0–124 and 1000–1249.
    case storage
    /// Inverters without a battery: input 0–124.
    case max

    /// What a dataset says in its note `_family`; otherwise what its registers show; nil: neither tells.
    package init?(_ unit: Dataset.Unit, note: String?) {
        if let note {
            self.init(rawValue: note)
        } else if unit.input.contains(where: { (3000..<3250).contains($0.key) && $0.value != 0 }) {
            self = .tlx
        } else if unit.input.keys.contains(where: { (1000..<1250).contains($0) }) {
            // A dataset of an SPH may have registers from 3000 on, all 0.
            self = .storage
        } else if unit.input.keys.contains(where: { (3000..<3250).contains($0) }) {
            self = .tlx
        } else if unit.input.keys.contains(where: { $0 < 125 }) {
            self = .max
        } else {
            return nil
        }
    }

    /// The places of the quantities, by name.
    package var map: [(quantity: String, place: RegisterPlace)] {
        switch self {
        case .tlx: Self.commonPlaces + Self.tlxPlaces + Self.meterPlaces
        case .storage: Self.commonPlaces + Self.storagePlaces
        case .max: Self.commonPlaces
        }
    }

    /// Registers that repeat some of the ``map``, in units that have them.
    package var mirrors: [(quantity: String, place: RegisterPlace)] {
        switch self {
        case .tlx: Self.vppPlaces + Self.converterPlaces
        case .storage, .max: Self.vppPlaces
        }
    }

    private typealias Row = (String, UInt16, IntegerType, Double)

    private static func places(_ table: RegisterTable, _ rows: [Row]) -> [(quantity: String, place: RegisterPlace)] {
        rows.map { name, address, kind, scale in
            (name, RegisterPlace(table, address, RegisterEncoding(kind, scale: scale)))
        }
    }

    /// Voltage, current and power of the strings, four registers each.
    private static func strings(at first: UInt16) -> [Row] {
        (0..<4).flatMap { string -> [Row] in
            let (name, address) = ("pv\(string + 1)", first + 4 * UInt16(string))
            return [
                ("\(name).voltage", address, .u16, 0.1), ("\(name).current", address + 1, .u16, 0.1),
                ("\(name).power", address + 2, .u32, 0.1),
            ]
        }
    }

    /// Energy of today and in total, of one string after the other.
    private static func stringEnergies(at addresses: [UInt16]) -> [Row] {
        addresses.enumerated().flatMap { string, address -> [Row] in
            [
                ("pv\(string + 1).energy.today", address, .u32, 0.1),
                ("pv\(string + 1).energy.total", address + 2, .u32, 0.1),
            ]
        }
    }

    private static let commonPlaces = places(
        .input,
        strings(at: 3) + stringEnergies(at: [59, 63, 67, 71]) + [
            ("inverter.status", 0, .u16, 1), ("pv.power", 1, .u32, 0.1), ("ac.power", 35, .s32, 0.1),
            ("grid.frequency", 37, .u16, 0.01), ("grid.voltage", 38, .u16, 0.1), ("ac.current", 39, .u16, 0.1),
            ("ac.power.fed", 40, .u32, 0.1), ("ac.energy.today", 53, .u32, 0.1), ("ac.energy.total", 55, .u32, 0.1),
            ("inverter.working-time", 57, .u32, 0.5), ("pv.energy.total", 91, .u32, 0.1),
            ("inverter.temperature", 93, .s16, 0.1), ("inverter.ipm-temperature", 94, .s16, 0.1),
            ("ac.power.percent", 101, .u16, 1),
        ])

    private static let tlxPlaces = places(
        .input,
        strings(at: 3003) + stringEnergies(at: [3055, 3059, 3063, 3079]) + [
            ("inverter.status", 3000, .u16, 1), ("pv.power", 3001, .u32, 0.1), ("ac.power", 3019, .s32, 0.1),
            ("ac.power", 3023, .s32, 0.1), ("grid.frequency", 3025, .u16, 0.01), ("grid.voltage", 3026, .u16, 0.1),
            ("ac.current", 3027, .u16, 0.1), ("ac.power.fed", 3028, .u32, 0.1), ("grid.voltage", 3038, .u16, 0.1),
            ("grid.import", 3041, .u32, 0.1), ("grid.export", 3043, .u32, 0.1), ("load.power", 3045, .u32, 0.1),
            ("inverter.working-time", 3047, .u32, 0.5),
            ("ac.energy.today", 3049, .u32, 0.1), ("ac.energy.total", 3051, .u32, 0.1),
            ("pv.energy.total", 3053, .u32, 0.1),
            ("grid.import.energy.today", 3067, .u32, 0.1), ("grid.import.energy.total", 3069, .u32, 0.1),
            ("grid.export.energy.today", 3071, .u32, 0.1), ("grid.export.energy.total", 3073, .u32, 0.1),
            ("load.energy.today", 3075, .u32, 0.1), ("load.energy.total", 3077, .u32, 0.1),
            ("pv.energy.today", 3083, .u32, 0.1),
            ("inverter.temperature", 3093, .s16, 0.1), ("inverter.ipm-temperature", 3094, .s16, 0.1),
            ("ac.power.percent", 3101, .u16, 1), ("self-use.power", 3121, .u32, 0.1),
            ("ac.energy.today", 3123, .u32, 0.1),
            ("battery.discharge.energy.today", 3125, .u32, 0.1), ("battery.discharge.energy.total", 3127, .u32, 0.1),
            ("battery.charge.energy.today", 3129, .u32, 0.1), ("battery.charge.energy.total", 3131, .u32, 0.1),
            ("ac-charge.energy.today", 3133, .u32, 0.1), ("ac-charge.energy.total", 3135, .u32, 0.1),
            ("ac.energy.total", 3137, .u32, 0.1),
            ("self-use.energy.today", 3139, .u32, 0.1), ("self-use.energy.total", 3141, .u32, 0.1),
            ("backup.frequency", 3145, .u16, 0.01), ("backup.voltage", 3146, .u16, 0.1),
            ("backup.current", 3147, .u16, 0.1), ("backup.power", 3148, .u32, 0.1), ("backup.power", 3158, .u32, 0.1),
            ("backup.percent", 3160, .u16, 0.1), ("battery.mode", 3166, .u16, 1),
            ("battery.voltage", 3169, .u16, 0.01), ("battery.current", 3170, .s16, 0.1), ("battery.soc", 3171, .u16, 1),
            ("battery.discharge", 3178, .u32, 0.1), ("battery.charge", 3180, .u32, 0.1),
            ("battery.discharge.energy.total", 3182, .u32, 0.1), ("battery.charge.energy.total", 3184, .u32, 0.1),
            ("battery.soc", 3196, .u16, 1), ("battery.soc", 3197, .u16, 1), ("battery.soc", 3215, .u16, 1),
            ("battery.voltage", 3216, .u16, 0.01), ("battery.charge-current", 3217, .s16, 0.01),
        ])

    private static let storagePlaces = places(
        .input,
        [
            ("storage.status", 1000, .u16, 1), ("battery.discharge", 1009, .u32, 0.1),
            ("battery.charge", 1011, .u32, 0.1), ("battery.voltage", 1013, .u16, 0.1), ("battery.soc", 1014, .u16, 1),
            ("grid.import", 1015, .u32, 0.1), ("grid.import", 1021, .u32, 0.1), ("grid.export", 1023, .u32, 0.1),
            ("grid.export", 1029, .u32, 0.1), ("load.power", 1031, .u32, 0.1), ("load.power", 1037, .u32, 0.1),
            ("grid.import.energy.today", 1044, .u32, 0.1), ("grid.import.energy.total", 1046, .u32, 0.1),
            ("grid.export.energy.today", 1048, .u32, 0.1), ("grid.export.energy.total", 1050, .u32, 0.1),
            ("battery.discharge.energy.today", 1052, .u32, 0.1), ("battery.discharge.energy.total", 1054, .u32, 0.1),
            ("battery.charge.energy.today", 1056, .u32, 0.1), ("battery.charge.energy.total", 1058, .u32, 0.1),
            ("load.energy.today", 1060, .u32, 0.1), ("load.energy.total", 1062, .u32, 0.1),
            ("backup.frequency", 1067, .u16, 0.01), ("backup.voltage", 1068, .u16, 0.1),
            ("backup.current", 1069, .u16, 0.1), ("backup.power", 1070, .u32, 0.1), ("backup.percent", 1080, .u16, 1),
            ("battery.soc", 1086, .u16, 1), ("battery.voltage", 1087, .u16, 0.01),
            ("battery.charge-current", 1088, .s16, 0.01),
            ("battery.soc", 1119, .u16, 1), ("battery.soc", 1120, .u16, 1),
            ("ac-charge.energy.today", 1124, .u32, 0.1), ("ac-charge.energy.total", 1126, .u32, 0.1),
            ("self-use.energy.today", 1141, .u32, 0.1), ("self-use.energy.total", 1143, .u32, 0.1),
            ("ac.power.fed", 1145, .u32, 0.1), ("self-use.power", 1147, .u32, 0.1),
            ("pv.energy.today", 1149, .u32, 0.1),
        ])

    /// The blocks of the VPP protocol, by its document 2.03: the inverter, then its first battery.
    private static let vppPlaces = places(
        .input,
        (0..<4).flatMap { string -> [Row] in
            let address = 31010 + 2 * UInt16(string)
            return [
                ("pv\(string + 1).voltage", address, .s16, 0.1), ("pv\(string + 1).current", address + 1, .s16, 0.1),
            ]
        } + [
            ("storage.status", 31000, .u16, 1), ("battery.state", 31001, .u16, 1), ("pv.power", 31058, .s32, 0.1),
            ("grid.net-export", 31100, .s32, 0.1), ("grid.frequency", 31105, .u16, 0.01),
            ("grid.voltage", 31106, .u16, 0.1), ("ac.current", 31109, .s16, 0.1), ("grid.power", 31112, .s32, 0.1),
            ("inverter.temperature", 31114, .s16, 0.1),
            ("grid.import.energy.today", 31118, .u32, 0.1), ("grid.import.energy.total", 31120, .u32, 0.1),
            ("grid.export.energy.today", 31122, .u32, 0.1), ("grid.export.energy.total", 31124, .u32, 0.1),
            ("battery.power", 31200, .s32, 0.1),
            ("battery.charge.energy.today", 31202, .u32, 0.1), ("battery.charge.energy.total", 31204, .u32, 0.1),
            ("battery.discharge.energy.today", 31206, .u32, 0.1), ("battery.discharge.energy.total", 31208, .u32, 0.1),
            ("battery.voltage", 31214, .s16, 0.1), ("battery.charge-current", 31215, .s32, 0.1),
            ("battery.soc", 31217, .u16, 1),
        ])

    /// The first battery converter, from 4008 on, repeats 3165–3235 in the same order.
    private static let converterPlaces = tlxPlaces.filter { (3165...3235).contains($0.place.address) }
        .map { quantity, place in (quantity, RegisterPlace(.input, place.address + 843, place.encoding)) }

    /// Import counts as positive.
    private static let meterPlaces = places(
        .meter,
        [
            ("grid.voltage", 2, .u32, 0.1), ("grid.current", 8, .u32, 0.1), ("grid.power", 14, .s32, 0.1),
            ("grid.power", 38, .s32, 0.1), ("grid.frequency", 46, .u32, 0.1),
            ("grid.import.energy.total", 54, .u32, 0.1), ("grid.export.energy.total", 56, .u32, 0.1),
        ])
}
