/// What is not the same every day: each a value that wanders from minute to minute and comes back.
struct PlantWeather {
    private var random: RandomSource
    private var clouds = 0.0
    /// Of clouds, 0–1.
    private(set) var cover = 0.0
    /// These are −1 to 1.
    private(set) var pv = 0.0
    private(set) var load = 0.0
    private(set) var voltage = 0.0
    private(set) var frequency = 0.0

    init(_ random: RandomSource) {
        self.random = random
    }

    mutating func advance() {
        clouds = 0.97 * clouds + 0.16 * draw()
        cover = min(1, max(0, 0.5 + clouds))
        pv = wander(pv)
        load = wander(load)
        voltage = wander(voltage)
        frequency = wander(frequency)
    }

    private mutating func wander(_ value: Double) -> Double { min(1, max(-1, 0.9 * value + 0.35 * draw())) }

    /// −1 to 1.
    private mutating func draw() -> Double { Double(Int64(bitPattern: random.next()) >> 11) * 0x1p-52 }
}
