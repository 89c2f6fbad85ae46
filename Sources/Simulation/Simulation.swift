package import Broker

/// Runs worlds by their seeds: the same seed is the same world on every machine.
package struct Simulation: Sendable {
    package struct Result: Sendable {
        package let seed: UInt64
        /// Transmissions on the line.
        package let exchanges: Int
        /// Requests of clients that were completed.
        package let completed: Int
        package let violation: Violation?
    }

    /// How long each world runs, in its own time.
    package let duration: Duration
    /// Whether a violation tells what led to it.
    package let isTracing: Bool
    /// Whether three worlds of ten have reloads.
    package let hasReloads: Bool

    package init(duration: Duration = .seconds(60), isTracing: Bool = false, hasReloads: Bool = true) {
        self.duration = duration
        self.isTracing = isTracing
        self.hasReloads = hasReloads
    }

    /// Runs one world to its end, or to the first rule that is broken.
    ///
    /// - Parameter tell: gets every report of the core in its order, with the line of a bus and the instant.
    package func run(
        seed: UInt64, tell: @escaping (BrokerEvent, Line?, Instant) -> Void = { _, _, _ in }
    ) -> Result {
        let world = World(seed: seed, isReloaded: hasReloads, isTracing: isTracing, tell: tell)
        var violation: Violation?
        do throws(Violation) { try world.run(for: duration) } catch { violation = error }
        return Result(
            seed: seed, exchanges: world.exchanges, completed: world.ledger.completed, violation: violation)
    }
}
