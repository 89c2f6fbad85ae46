package import Broker

/// The time of a simulated day: civil time without zones, from a start, faster or slower than real time.
package struct SimulatedClock: Hashable, Sendable {
    /// The real instant of the start.
    package var origin: Instant
    /// Seconds since the first midnight at the start, 0 to 86,400.
    package var start: Double
    /// How many simulated seconds a real one lasts.
    package var scale: Double

    /// - Parameters:
    ///   - start: seconds since midnight.
    ///   - scale: 0.01 to 3,600.
    package init(origin: Instant, start: Double = 12 * 3600, scale: Double = 1) {
        self.origin = origin
        self.start = start
        self.scale = scale
    }

    /// Simulated seconds since the start.
    func elapsed(at now: Instant) -> Double { Double((now - origin).nanoseconds) / 1e9 * scale }
}
