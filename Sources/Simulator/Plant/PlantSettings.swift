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
