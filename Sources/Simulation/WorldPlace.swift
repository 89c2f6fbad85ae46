internal import Broker
internal import Simulator

/// A device with its units, where one line at a time can be: what happens there by itself, whichever line it is.
final class WorldPlace {
    let number: Int
    let settings: LineSettings
    let actor: LineActor
    /// What the line there is told about its device, which may change.
    private(set) var bus: BusSettings
    private let timeline: VirtualTimeline
    private var random: RandomSource
    private var isStarted = false

    init(
        number: Int, settings: LineSettings, timeline: VirtualTimeline, verdict: Verdict,
        random: inout RandomSource
    ) {
        self.number = number
        self.settings = settings
        self.timeline = timeline
        bus = settings.bus
        actor = LineActor(settings, number: number, timeline: timeline, verdict: verdict, random: random.split())
        self.random = random.split()
    }

    var name: String { "/dev/\(number)" }

    /// A line opens the device.
    func open(_ bus: Bus) {
        guard !isStarted else { return actor.take(bus) }
        isStarted = true
        actor.bus = bus
        actor.plug()
        if settings.replugs { scheduleReplug() }
        if let period = settings.noisePeriod { scheduleNoise(period) }
        if settings.changesEcho { scheduleEcho() }
    }

    private func scheduleReplug() {
        let out = timeline.now + random.duration(.seconds(3) ... .seconds(30))
        let back = out + random.duration(.milliseconds(1) ... .seconds(4))
        timeline.schedule(at: out) { [weak self] in self?.actor.unplug() }
        timeline.schedule(at: back) { [weak self] in
            self?.actor.plug()
            self?.scheduleReplug()
        }
    }

    /// Sooner or later in the midst of an exchange.
    private func scheduleEcho() {
        timeline.schedule(at: timeline.now + random.duration(.milliseconds(1) ... .seconds(2))) { [weak self] in
            guard let self else { return }
            bus.localEcho.toggle()
            actor.bus?.apply(bus)
            scheduleEcho()
        }
    }

    private func scheduleNoise(_ period: Duration) {
        timeline.schedule(at: timeline.now + random.duration(.zero...period * 2)) { [weak self] in
            self?.actor.makeNoise()
            self?.scheduleNoise(period)
        }
    }
}
