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
