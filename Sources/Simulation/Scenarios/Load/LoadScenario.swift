internal import Broker

/// The daily load of a real installation: the dongle and Home Assistant on a line that loses 5.5 % of the replies.
///
/// The dongle is that of the demo and, like Home Assistant, asks on when it has been answered or gives up.
package struct LoadScenario: Sendable {
    package struct Report: Sendable {
        package let dongle: ClientFigures
        package let homeAssistant: ClientFigures
        /// How requests ended that were not answered, with their numbers: `TCP expired 3`.
        package let failures: [String]
    }

    /// How long it runs, in its own time.
    package let duration: Duration
    /// From the last byte on the line to the next request.
    package var minPeriod = ScenarioSettings().bus.minPeriod
    /// From the end of a request to the first byte of its reply.
    package var responseTimeout = ScenarioSettings().bus.responseTimeout

    package init(duration: Duration) {
        self.duration = duration
    }

    var bus: BusSettings {
        var settings = ScenarioSettings().bus
        settings.minPeriod = minPeriod
        settings.responseTimeout = responseTimeout
        return settings
    }

    package func run(seed: UInt64) -> Report {
        let world = LoadWorld(self, seed: seed)
        world.run(for: duration)
        return world.report
    }
}
