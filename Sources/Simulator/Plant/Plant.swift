internal import Glibc

/// A simulated plant, minute by minute; between two minutes everything goes in a straight line.
///
/// What it does depends on its settings, its seed and the time, not on how often it is asked.
struct Plant {
    private let settings: PlantSettings
    private let strings: SIMD4<Double>
    private let voltages: SIMD4<Double>
    private var weather: PlantWeather
    /// The minute that `before` is the beginning of, counted from the first midnight.
    private(set) var minute = 0
    private(set) var before = PlantPowers()
    private(set) var after = PlantPowers()
    private var energiesBefore = PlantEnergies()
    private var energiesAfter = PlantEnergies()
    /// What had flowed by the last midnight.
    private(set) var midnight = PlantEnergies()

    init(_ settings: PlantSettings, random: RandomSource) {
        self.settings = settings
        var (strings, voltages) = (SIMD4<Double>(), SIMD4<Double>())
        for (index, string) in settings.pv.strings.prefix(4).enumerated() {
            (strings[index], voltages[index]) = (string.peak, string.voltage)
        }
        (self.strings, self.voltages) = (strings, voltages)
        weather = PlantWeather(random)
        before.stateOfCharge = settings.battery.initial
        before.temperature = settings.temperature.ambient
        before = moment(minute: 0, after: before)
        addMinute()
    }

    /// - Parameter seconds: since the first midnight; what lies before the present minute is not gone back to.
    mutating func advance(to seconds: Double) {
        while Double(minute + 1) * 60 <= seconds {
            minute += 1
            before = after
            energiesBefore = energiesAfter
            if minute % 1440 == 0 { midnight = energiesBefore }
            addMinute()
        }
    }

    func powers(at seconds: Double) -> PlantPowers { .between(before, after, fraction(seconds)) }

    func energies(at seconds: Double) -> PlantEnergies { .between(energiesBefore, energiesAfter, fraction(seconds)) }

    private func fraction(_ seconds: Double) -> Double { min(1, max(0, seconds / 60 - Double(minute))) }

    private mutating func addMinute() {
        after = moment(minute: minute + 1, after: before)
        energiesAfter = energiesBefore
        energiesAfter.add(minuteFrom: before, to: after)
        let stored = energiesAfter.charge - energiesBefore.charge
        let taken = energiesAfter.discharge - energiesBefore.discharge
        if settings.battery.capacity > 0 {
            let efficiency = settings.battery.efficiency
            after.stateOfCharge =
                before.stateOfCharge + (stored * efficiency - taken / efficiency) / settings.battery.capacity
        }
    }

    /// The powers at the beginning of a minute; charge and temperature follow from the minute before.
    private mutating func moment(minute: Int, after last: PlantPowers) -> PlantPowers {
        weather.advance()
        let second = Double(minute % 1440) * 60
        let sun = sun(at: second)
        var powers = last
        powers.isGridUp = !settings.grid.outages.contains { $0.contains(second, in: settings.pv) }
        powers.pv = strings * (sun * (1 - settings.pv.clouds * weather.cover))
        powers.pvVoltage = sun > 0 ? voltages * (1 - 0.06 * sun + 0.004 * weather.pv) : SIMD4()
        powers.load = load(at: second) * (1 + 0.12 * weather.load)
        powers.gridVoltage =
            powers.isGridUp ? settings.grid.voltage + settings.grid.voltageNoise * weather.voltage : 0
        powers.gridFrequency =
            powers.isGridUp ? settings.grid.frequency + settings.grid.frequencyNoise * weather.frequency : 0
        if powers.isGridUp { flowWithGrid(&powers, second) } else { flowWithoutGrid(&powers) }
        powers.isRunning = sun > 0 || powers.charge > 0 || powers.discharge > 0
        powers.temperature = temperature(after: last.temperature, power: powers.ac, second)
        return powers
    }

    private func sun(at second: Double) -> Double {
        let (rise, set) = (settings.pv.sunrise, settings.pv.sunset)
        guard rise < second, second < set else { return 0 }
        return sin(.pi * (second - rise) / (set - rise))
    }

    private func load(at second: Double) -> Double {
        func bump(_ hour: Double, _ width: Double) -> Double {
            let distance = (second / 3600 - hour) / width
            return exp(-distance * distance)
        }
        let load = settings.load
        return load.base + load.morning * bump(7.5, 0.8) + load.evening * bump(19, 1.6)
    }

    private func temperature(after last: Double, power: Double, _ second: Double) -> Double {
        let settings = settings.temperature
        let afternoon = 0.5 - 0.5 * cos(2 * .pi * (second / 86400 - 0.1))
        let target =
            settings.ambient + settings.swing * afternoon + settings.rise * abs(power) / self.settings.inverter.rated
        return last + (target - last) * (1 - exp(-60 / settings.lag))
    }
}

extension Plant {
    /// The house takes what it needs; the battery does what its schedule says, or evens out; the grid has the rest.
    private func flowWithGrid(_ powers: inout PlantPowers, _ second: Double) {
        let (efficiency, rated) = (settings.inverter.efficiency, settings.inverter.rated)
        let wanted = batteryPower(powers, second)
        powers.charge = min(max(0, wanted), mostCharge(powers.stateOfCharge))
        powers.discharge = min(max(0, -wanted), mostDischarge(powers.stateOfCharge))
        var direct = powers.pvTotal - powers.charge + powers.discharge
        let excess = direct - rated / efficiency
        if excess > 0 { direct -= limit(&powers, by: excess) }
        powers.ac = direct >= 0 ? direct * efficiency : direct / efficiency
        powers.backup = 0
        powers.gridImport = max(0, powers.load - powers.ac)
        powers.gridExport = max(0, powers.ac - powers.load)
    }

    /// The house lives on sun and battery, as far as they go. Without a battery the inverter stands still.
    private func flowWithoutGrid(_ powers: inout PlantPowers) {
        let efficiency = settings.inverter.efficiency
        let hasBackup = settings.battery.capacity > 0
        let needed = hasBackup ? min(powers.load, settings.inverter.rated) / efficiency : 0
        powers.charge = min(max(0, powers.pvTotal - needed), mostCharge(powers.stateOfCharge))
        if !hasBackup { powers.charge = 0 }
        powers.discharge = min(max(0, needed - powers.pvTotal), mostDischarge(powers.stateOfCharge))
        _ = limit(&powers, by: powers.pvTotal - powers.charge + powers.discharge - needed)
        powers.ac = (powers.pvTotal - powers.charge + powers.discharge) * efficiency
        powers.backup = powers.ac
        powers.load = powers.ac
        (powers.gridImport, powers.gridExport) = (0, 0)
    }

    /// What the battery should take, below 0 give, in W.
    private func batteryPower(_ powers: PlantPowers, _ second: Double) -> Double {
        let battery = settings.battery
        if let period = battery.schedule.first(where: { $0.window.contains(second, in: settings.pv) }) {
            return period.power
        }
        guard battery.followsLoad else { return 0 }
        return powers.pvTotal - powers.load / settings.inverter.efficiency
    }

    /// Less and less as it gets full, so that it is never overfilled within a minute.
    private func mostCharge(_ charge: Double) -> Double {
        let battery = settings.battery
        return max(0, min(battery.power, (battery.maximum - charge) * battery.capacity * 12))
    }

    private func mostDischarge(_ charge: Double) -> Double {
        let battery = settings.battery
        return max(0, min(battery.power, (charge - battery.minimum) * battery.capacity * 12))
    }

    /// Takes from the panels what nobody can use; returns how much that was, in W.
    private func limit(_ powers: inout PlantPowers, by excess: Double) -> Double {
        let total = powers.pvTotal
        guard excess > 0, total > 0 else { return 0 }
        let less = min(excess, total)
        powers.pv *= (total - less) / total
        return less
    }
}
