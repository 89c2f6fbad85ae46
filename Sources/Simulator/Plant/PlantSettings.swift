/// What a simulated plant consists of: strings, inverter, battery, house, grid. Every day is like every other, but for the
/// clouds and the noise.
package struct PlantSettings: Hashable, Sendable {
    package struct Panels: Hashable, Sendable {
        /// One string: its power when the sun is highest, in W, and its voltage, in V.
        package struct PVString: Hashable, Sendable {
            package var peak: Double
            package var voltage: Double
        }

        /// Seconds since midnight.
        package var sunrise = 6.0 * 3600
        package var sunset = 20.0 * 3600
        /// One to four.
        package var strings = [PVString(peak: 2600, voltage: 380), PVString(peak: 2100, voltage: 365)]
        /// How much of the power a closed cover of clouds takes, 0–1.
        package var clouds = 0.0
    }

    package struct Inverter: Hashable, Sendable {
        /// The most AC power, in W.
        package var rated = 6000.0
        /// AC power by DC power, 0.5–1.
        package var efficiency = 0.975
    }

    package struct Battery: Hashable, Sendable {
        /// What it does at a time of the day, whatever the house needs.
        package struct Period: Hashable, Sendable {
            package var window: TimeWindow
            /// In W: above 0 charges, from the grid if the sun does not suffice; below 0 discharges.
            package var power: Double
        }

        /// In Wh; 0: there is none.
        package var capacity = 10_000.0
        /// The most it takes or gives, in W.
        package var power = 3000.0
        /// At its terminals, half charged, in V.
        package var voltage = 410.0
        /// The charge at the first midnight, 0–1.
        package var initial = 0.3
        package var minimum = 0.1
        package var maximum = 1.0
        /// Of what goes in or out, 0.5–1.
        package var efficiency = 0.97
        /// Whether it takes what the house leaves of the sun, and gives what the house needs beyond it.
        package var followsLoad = true
        package var schedule: [Period] = []
    }

    /// The house, in W.
    package struct Load: Hashable, Sendable {
        package var base = 350.0
        /// More around half past seven.
        package var morning = 900.0
        /// More around seven in the evening.
        package var evening = 1600.0
    }

    package struct Grid: Hashable, Sendable {
        /// In V.
        package var voltage = 231.0
        /// How far the voltage strays, in V.
        package var voltageNoise = 2.5
        /// In Hz.
        package var frequency = 50.0
        /// How far the frequency strays, in Hz.
        package var frequencyNoise = 0.03
        /// Times of the day without a grid.
        package var outages: [TimeWindow] = []
    }

    /// Of the inverter: it follows its load.
    package struct Temperature: Hashable, Sendable {
        /// Of the place at midnight, in °C.
        package var ambient = 14.0
        /// How much warmer the place is in the afternoon, in K.
        package var swing = 9.0
        /// How much warmer than the place the inverter is at its rated power, in K.
        package var rise = 28.0
        /// In which time two thirds of a change have come about, in s.
        package var lag = 1200.0
    }

    package var pv = Panels()
    package var inverter = Inverter()
    package var battery = Battery()
    package var load = Load()
    package var grid = Grid()
    package var temperature = Temperature()

    package init() {}
}

/// A part of every day; it may go over midnight.
package struct TimeWindow: Hashable, Sendable {
    package enum Edge: Hashable, Sendable {
        /// Seconds since midnight.
        case time(Double)
        /// When the sun rises.
        case dawn
        /// When the sun sets.
        case dusk
    }

    package static let allowed = "two times with a hyphen between, such as 22:00-06:30 or dusk-dawn"

    package var from: Edge
    package var to: Edge

    package init(from: Edge, to: Edge) {
        self.from = from
        self.to = to
    }

    /// Reads `22:00-06:30`, `dusk-dawn` and what is mixed of both; nil: it is none of them.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard parts.count == 2, let from = Self.edge(parts[0]), let to = Self.edge(parts[1]), from != to else {
            return nil
        }
        self.init(from: from, to: to)
    }

    private static func edge(_ text: String) -> Edge? {
        switch text {
        case "dawn": .dawn
        case "dusk": .dusk
        default: TimeOfDay.seconds(text).map { .time($0) }
        }
    }

    /// - Parameter second: of the day.
    func contains(_ second: Double, in pv: PlantSettings.Panels) -> Bool {
        let (start, end) = (Self.second(of: from, pv), Self.second(of: to, pv))
        return start <= end ? start <= second && second < end : start <= second || second < end
    }

    private static func second(of edge: Edge, _ pv: PlantSettings.Panels) -> Double {
        switch edge {
        case .time(let second): second
        case .dawn: pv.sunrise
        case .dusk: pv.sunset
        }
    }
}

/// A time of the day as people write it.
package enum TimeOfDay {
    package static let allowed = "a time of the day, such as 06:30 or 18:05:30"

    /// Reads `6:30`, `06:30` or `06:30:15` as seconds since midnight; `24:00` is the end of the day; nil: it is none.
    package static func seconds(_ text: String) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard (1...2).contains(part.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        let seconds = numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
        guard numbers.dropFirst().allSatisfy({ $0 < 60 }), seconds <= 86400 else { return nil }
        return Double(seconds)
    }
}
