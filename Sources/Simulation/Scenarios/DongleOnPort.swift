internal import Broker
internal import Simulator

/// A simulated dongle on the serial port of a core, with the time that characters take on it.
final class DongleOnPort {
    private let dongle: SimulatedDongle
    private let session: SerialClientSession

    init(of core: Core, random: RandomSource) {
        let (timing, timeline) = (core.clients.serialTiming, core.timeline)
        let relay = Relay()
        let dongle = SimulatedDongle(timeline: timeline, random: random) { bytes in
            timeline.schedule(at: timeline.now + timing.time(of: bytes.count)) { relay.session?.received(bytes) }
        }
        session = core.serialSession(of: .dongle()) { [weak dongle] bytes in
            timeline.schedule(at: timeline.now + timing.time(of: bytes.count)) { dongle?.received(bytes) }
        }
        self.dongle = dongle
        relay.session = session
        dongle.boot()
    }

    /// Without the request that it still waits for.
    var figures: ClientFigures {
        let completed = dongle.statistics.asked - (dongle.newestRequest == nil ? 0 : 1)
        return ClientFigures(
            requests: completed, unanswered: completed - dongle.statistics.answered, waits: dongle.statistics.waits)
    }
}

/// Breaks the circle between the dongle, which sends to its session, and the session, which sends to the dongle.
private final class Relay {
    weak var session: SerialClientSession?
}
