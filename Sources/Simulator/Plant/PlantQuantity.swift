/// A number that a simulated plant has at every moment, and by which profiles and register maps call it.
struct PlantQuantity: Sendable {
    enum Source: Sendable {
        /// In W, V, A, Hz, °C, % or a code.
        case momentary(@Sendable (PlantPowers, PlantSettings) -> Double)
        /// Since midnight, in kWh; hours where it is a time.
        case today(@Sendable (PlantEnergies) -> Double)
        /// Counted on from what the dataset has, in kWh; seconds where it is a time.
        case total(@Sendable (PlantEnergies) -> Double)
    }

    let name: String
    let source: Source

    /// Every quantity, in the order of the documentation.
    static let all: [PlantQuantity] = strings + powers + codes + energies

    private static let index: [String: PlantQuantity] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Nil: there is none of this name.
    static func named(_ name: String) -> PlantQuantity? { index[name] }

    private static let strings: [PlantQuantity] = (0..<4).flatMap { string in
        [
            PlantQuantity(
                name: "pv\(string + 1).voltage", source: .momentary { powers, _ in powers.pvVoltage[string] }),
            PlantQuantity(
                name: "pv\(string + 1).current",
                source: .momentary { powers, _ in quotient(powers.pv[string], powers.pvVoltage[string]) }),
            PlantQuantity(name: "pv\(string + 1).power", source: .momentary { powers, _ in powers.pv[string] }),
            PlantQuantity(name: "pv\(string + 1).energy.today", source: .today { $0.pv[string] / 1000 }),
            PlantQuantity(name: "pv\(string + 1).energy.total", source: .total { $0.pv[string] / 1000 }),
        ]
    }

    private static let powers: [PlantQuantity] = [
        momentary("pv.power") { powers, _ in powers.pvTotal },
        momentary("ac.power") { powers, _ in powers.ac },
        momentary("ac.power.fed") { powers, _ in max(0, powers.ac) },
        momentary("ac.power.percent") { powers, settings in 100 * abs(powers.ac) / settings.inverter.rated },
        momentary("ac.current") { powers, _ in quotient(abs(powers.ac), powers.gridVoltage) },
        momentary("grid.voltage") { powers, _ in powers.gridVoltage },
        momentary("grid.frequency") { powers, _ in powers.gridFrequency },
        momentary("grid.import") { powers, _ in powers.gridImport },
        momentary("grid.export") { powers, _ in powers.gridExport },
        momentary("grid.power") { powers, _ in powers.gridImport - powers.gridExport },
        momentary("grid.net-export") { powers, _ in powers.gridExport - powers.gridImport },
        momentary("grid.current") { powers, _ in
            quotient(abs(powers.gridImport - powers.gridExport), powers.gridVoltage)
        },
        momentary("load.power") { powers, _ in powers.load },
        momentary("self-use.power") { powers, _ in min(powers.load, max(0, powers.ac)) },
        momentary("backup.power") { powers, _ in powers.backup },
        momentary("backup.voltage") { powers, settings in powers.backup > 0 ? settings.grid.voltage : 0 },
        momentary("backup.frequency") { powers, settings in powers.backup > 0 ? settings.grid.frequency : 0 },
        momentary("backup.current") { powers, settings in powers.backup / settings.grid.voltage },
        momentary("backup.percent") { powers, settings in 100 * powers.backup / settings.inverter.rated },
        momentary("battery.charge") { powers, _ in powers.charge },
        momentary("battery.discharge") { powers, _ in powers.discharge },
        momentary("battery.power") { powers, _ in powers.charge - powers.discharge },
        momentary("battery.voltage") { powers, settings in batteryVoltage(powers, settings) },
        // Above 0 discharges, as input register 3170 has it; 3217 is the other way round.
        momentary("battery.current") { powers, settings in
            quotient(powers.discharge - powers.charge, batteryVoltage(powers, settings))
        },
        momentary("battery.charge-current") { powers, settings in
            quotient(powers.charge - powers.discharge, batteryVoltage(powers, settings))
        },
        momentary("battery.soc") { powers, _ in 100 * powers.stateOfCharge },
        momentary("inverter.temperature") { powers, _ in powers.temperature },
        momentary("inverter.ipm-temperature") { powers, settings in
            powers.temperature + 4 * abs(powers.ac) / settings.inverter.rated
        },
    ]

    private static let codes: [PlantQuantity] = [
        // 0 waiting, 1 normal.
        momentary("inverter.status") { powers, _ in powers.isRunning ? 1 : 0 },
        // 5 sun and battery on the grid, 6 the same without it, 0 waiting.
        momentary("storage.status") { powers, _ in powers.isRunning ? (powers.isGridUp ? 5 : 6) : 0 },
        // High byte 0 idle, 1 charging, 2 discharging; low byte 1 normal.
        momentary("battery.mode") { powers, _ in powers.charge > 0 ? 0x0101 : powers.discharge > 0 ? 0x0201 : 0x0001 },
        // 0 standby, 2 charging, 3 discharging, as the VPP protocol counts.
        momentary("battery.state") { powers, _ in powers.charge > 0 ? 2 : powers.discharge > 0 ? 3 : 0 },
    ]

    private static let energies: [PlantQuantity] =
        energy("pv.energy") { $0.pv.sum() } + energy("ac.energy") { $0.ac }
        + energy("ac-charge.energy") { $0.acCharge } + energy("battery.charge.energy") { $0.charge }
        + energy("battery.discharge.energy") { $0.discharge } + energy("load.energy") { $0.load }
        + energy("grid.import.energy") { $0.gridImport } + energy("grid.export.energy") { $0.gridExport }
        + energy("self-use.energy") { $0.ac - $0.gridExport }
        + [PlantQuantity(name: "inverter.working-time", source: .total { $0.working })]

    private static func momentary(
        _ name: String, _ value: @escaping @Sendable (PlantPowers, PlantSettings) -> Double
    ) -> PlantQuantity {
        PlantQuantity(name: name, source: .momentary(value))
    }

    /// Two quantities of an energy in Wh: `NAME.today` and `NAME.total`.
    private static func energy(_ name: String, _ value: @escaping @Sendable (PlantEnergies) -> Double)
        -> [PlantQuantity]
    {
        [
            PlantQuantity(name: "\(name).today", source: .today { value($0) / 1000 }),
            PlantQuantity(name: "\(name).total", source: .total { value($0) / 1000 }),
        ]
    }

    /// A little more the fuller it is; 0 without a battery.
    private static func batteryVoltage(_ powers: PlantPowers, _ settings: PlantSettings) -> Double {
        let battery = settings.battery
        return battery.capacity > 0 ? battery.voltage * (0.96 + 0.08 * powers.stateOfCharge) : 0
    }

    private static func quotient(_ power: Double, _ voltage: Double) -> Double { voltage > 0 ? power / voltage : 0 }
}
