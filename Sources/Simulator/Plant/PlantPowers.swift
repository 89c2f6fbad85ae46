/// What flows in a simulated plant at one moment. Powers in W and at least 0 unless said otherwise.
struct PlantPowers: Hashable, Sendable {
    /// Four strings; what the dataset's inverter has fewer stays 0.
    var pv = SIMD4<Double>()
    /// In V.
    var pvVoltage = SIMD4<Double>()
    /// What the inverter gives to grid, house and backup output; below 0 while it charges the battery from the grid.
    var ac = 0.0
    var charge = 0.0
    var discharge = 0.0
    var load = 0.0
    /// From the grid to the house and the battery.
    var gridImport = 0.0
    /// To the grid.
    var gridExport = 0.0
    /// To the house while the grid is away.
    var backup = 0.0
    /// In V; 0 while the grid is away.
    var gridVoltage = 0.0
    /// In Hz; 0 while the grid is away.
    var gridFrequency = 0.0
    /// Of the inverter, in °C.
    var temperature = 0.0
    /// Of the battery, 0–1.
    var stateOfCharge = 0.0
    var isGridUp = true
    /// Whether the inverter works: it has sun, or its battery does something.
    var isRunning = false

    var pvTotal: Double { pv.sum() }

    /// What is between two moments: in a straight line, but nothing is between a grid that is there and one that is not.
    static func between(_ before: PlantPowers, _ after: PlantPowers, _ fraction: Double) -> PlantPowers {
        guard before.isGridUp == after.isGridUp else { return before }
        func mix(_ from: Double, _ to: Double) -> Double { from + (to - from) * fraction }
        var powers = before
        powers.pv += (after.pv - before.pv) * fraction
        powers.pvVoltage += (after.pvVoltage - before.pvVoltage) * fraction
        powers.ac = mix(before.ac, after.ac)
        powers.charge = mix(before.charge, after.charge)
        powers.discharge = mix(before.discharge, after.discharge)
        powers.load = mix(before.load, after.load)
        powers.gridImport = mix(before.gridImport, after.gridImport)
        powers.gridExport = mix(before.gridExport, after.gridExport)
        powers.backup = mix(before.backup, after.backup)
        powers.gridVoltage = mix(before.gridVoltage, after.gridVoltage)
        powers.gridFrequency = mix(before.gridFrequency, after.gridFrequency)
        powers.temperature = mix(before.temperature, after.temperature)
        powers.stateOfCharge = mix(before.stateOfCharge, after.stateOfCharge)
        return powers
    }
}

/// The integrals of ``PlantPowers`` since the first midnight, in Wh.
struct PlantEnergies: Hashable, Sendable {
    var pv = SIMD4<Double>()
    /// What the inverter gave.
    var ac = 0.0
    /// What the inverter took from the grid.
    var acCharge = 0.0
    var charge = 0.0
    var discharge = 0.0
    var load = 0.0
    var gridImport = 0.0
    var gridExport = 0.0
    /// Seconds in which the inverter worked.
    var working = 0.0

    /// Adds what flows in a minute at whose ends the powers are these: the trapezoid, which is exact for straight lines.
    mutating func add(minuteFrom before: PlantPowers, to after: PlantPowers) {
        // Where the grid comes or goes nothing is between: see PlantPowers.between.
        let after = before.isGridUp == after.isGridUp ? after : before
        let half = 1.0 / 120
        pv += (before.pv + after.pv) * half
        ac += (max(0, before.ac) + max(0, after.ac)) * half
        acCharge -= (min(0, before.ac) + min(0, after.ac)) * half
        charge += (before.charge + after.charge) * half
        discharge += (before.discharge + after.discharge) * half
        load += (before.load + after.load) * half
        gridImport += (before.gridImport + after.gridImport) * half
        gridExport += (before.gridExport + after.gridExport) * half
        if before.isRunning { working += 60 }
    }

    static func between(_ before: PlantEnergies, _ after: PlantEnergies, _ fraction: Double) -> PlantEnergies {
        func mix(_ from: Double, _ to: Double) -> Double { from + (to - from) * fraction }
        var energies = before
        energies.pv += (after.pv - before.pv) * fraction
        energies.ac = mix(before.ac, after.ac)
        energies.acCharge = mix(before.acCharge, after.acCharge)
        energies.charge = mix(before.charge, after.charge)
        energies.discharge = mix(before.discharge, after.discharge)
        energies.load = mix(before.load, after.load)
        energies.gridImport = mix(before.gridImport, after.gridImport)
        energies.gridExport = mix(before.gridExport, after.gridExport)
        energies.working = mix(before.working, after.working)
        return energies
    }
}
