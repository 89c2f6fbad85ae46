internal import Settings

extension PlantSettings {
    /// Reads the `plant` of a profile over what is there already: only the keys that are written change.
    ///
    /// - Throws: `YAMLError`, also for what contradicts itself.
    mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["pv", "inverter", "battery", "load", "grid", "temperature"])
        if let part = fields["pv"] { try pv.read(part) }
        if let part = fields["inverter"] { try inverter.read(part) }
        if let part = fields["battery"] { try battery.read(part) }
        if let part = fields["load"] { try load.read(part) }
        if let part = fields["grid"] { try grid.read(part) }
        if let part = fields["temperature"] { try temperature.read(part) }
    }
}

extension PlantSettings.Panels {
    fileprivate mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["sunrise", "sunset", "strings", "clouds"])
        sunrise = try fields["sunrise"]?.timeOfDay() ?? sunrise
        sunset = try fields["sunset"]?.timeOfDay() ?? sunset
        guard sunrise < sunset else { throw reader.error("sunrise is not before sunset") }
        clouds = try fields["clouds"]?.number(0...1) ?? clouds
        guard let list = fields["strings"] else { return }
        let elements = try list.elements()
        guard (1...4).contains(elements.count) else {
            throw list.error("expected 1 to 4 strings, not \(elements.count)")
        }
        strings = []
        for element in elements {
            let fields = try element.fields(["peak", "voltage"])
            guard let peak = fields["peak"] else { throw element.error("expected the key peak") }
            let voltage = try fields["voltage"]?.number(50...1500, "V") ?? 370
            strings.append(.init(peak: try peak.number(0...100_000, "W"), voltage: voltage))
        }
    }
}

extension PlantSettings.Inverter {
    fileprivate mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["rated", "efficiency"])
        rated = try fields["rated"]?.number(100...200_000, "W") ?? rated
        efficiency = try fields["efficiency"]?.number(0.5...1) ?? efficiency
    }
}

extension PlantSettings.Battery {
    fileprivate mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields([
            "capacity", "power", "voltage", "initial", "minimum", "maximum", "efficiency", "follows-load", "schedule",
        ])
        capacity = try fields["capacity"]?.number(0...1_000_000, "Wh") ?? capacity
        power = try fields["power"]?.number(0...100_000, "W") ?? power
        voltage = try fields["voltage"]?.number(10...600, "V") ?? voltage
        minimum = try fields["minimum"]?.share() ?? minimum
        maximum = try fields["maximum"]?.share() ?? maximum
        initial = try fields["initial"]?.share() ?? initial
        efficiency = try fields["efficiency"]?.number(0.5...1) ?? efficiency
        followsLoad = try fields["follows-load"]?.truth() ?? followsLoad
        guard minimum < maximum else { throw reader.error("minimum is not below maximum") }
        guard (minimum...maximum).contains(initial) else {
            throw (fields["initial"] ?? reader).error("initial is not between minimum and maximum")
        }
        if let list = fields["schedule"] { schedule = try periods(list) }
    }

    private func periods(_ list: YAMLReader) throws(YAMLError) -> [Period] {
        var periods: [Period] = []
        for element in try list.elements() {
            let fields = try element.fields(["time", "power"])
            guard let time = fields["time"], let amount = fields["power"] else {
                throw element.error("expected the keys time and power")
            }
            periods.append(Period(window: try time.window(), power: try amount.number(-power...power, "W")))
        }
        return periods
    }
}

extension PlantSettings.Load {
    fileprivate mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["base", "morning", "evening"])
        base = try fields["base"]?.number(0...100_000, "W") ?? base
        morning = try fields["morning"]?.number(0...100_000, "W") ?? morning
        evening = try fields["evening"]?.number(0...100_000, "W") ?? evening
    }
}

extension PlantSettings.Grid {
    fileprivate mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["voltage", "voltage-noise", "frequency", "frequency-noise", "outages"])
        voltage = try fields["voltage"]?.number(80...600, "V") ?? voltage
        voltageNoise = try fields["voltage-noise"]?.number(0...50, "V") ?? voltageNoise
        frequency = try fields["frequency"]?.number(45...65, "Hz") ?? frequency
        frequencyNoise = try fields["frequency-noise"]?.number(0...5, "Hz") ?? frequencyNoise
        outages = try fields["outages"]?.windows() ?? outages
    }
}

extension PlantSettings.Temperature {
    fileprivate mutating func read(_ reader: YAMLReader) throws(YAMLError) {
        let fields = try reader.fields(["ambient", "swing", "rise", "lag"])
        ambient = try fields["ambient"]?.number(-40...60, "°C") ?? ambient
        swing = try fields["swing"]?.number(0...40, "K") ?? swing
        rise = try fields["rise"]?.number(0...80, "K") ?? rise
        if let field = fields["lag"] {
            lag = Double(try field.duration(.seconds(60) ... .seconds(86400), "1 m to 24 h").components.seconds)
        }
    }
}

extension YAMLReader {
    /// Seconds since midnight.
    fileprivate func timeOfDay() throws(YAMLError) -> Double {
        try value(TimeOfDay.allowed) { TimeOfDay.seconds($0) }
    }

    /// A percentage as a part of 1.
    fileprivate func share() throws(YAMLError) -> Double { try number(0...100, "%") / 100 }
}
