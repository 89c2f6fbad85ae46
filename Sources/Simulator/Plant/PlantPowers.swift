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
