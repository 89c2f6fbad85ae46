internal import Broker
internal import Modbus
internal import Simulator

/// One line of a world: its units, its bus, and all that is checked of it alone.
final class WorldLine {
    let number: Int
    let settings: LineSettings
    /// As the broker names it.
    let line: Line
    let actor: LineActor
    private let turns: TurnCheck
    private let queue: QueueWatch
    private let timeline: VirtualTimeline
    private var random: RandomSource

    init(
        number: Int, settings: LineSettings, timeline: VirtualTimeline, verdict: Verdict,
        random: inout RandomSource
    ) {
        self.number = number
        self.settings = settings
        self.timeline = timeline
        line = Line(name: "line\(number)")
        actor = LineActor(settings, number: number, timeline: timeline, verdict: verdict, random: random.split())
        turns = TurnCheck(settings.bus, timeline: timeline, verdict: verdict)
        let prompt = PromptCheck(settings.bus, actor: actor, timeline: timeline, verdict: verdict)
        queue = QueueWatch(settings.bus, turns: turns, prompt: prompt, verdict: verdict)
        self.random = random.split()
        queue.onEnded = { [weak actor] in actor?.checkTry($0) }
        actor.onTransmit = { [turns] in
            prompt.sent()
            turns.sent($0)
        }
    }

    /// As it is put into the core.
    func coreLine(units: [UnitIdentifier: UnitIdentifier]?) -> CoreLine {
        CoreLine(
            line: line, settings: settings.bus, link: actor, units: units, reads: settings.reads,
            readLimit: settings.readLimit, unitLimits: settings.unitLimits, watch: queue,
            open: { [weak self] in self?.start($0) })
    }

    private func start(_ bus: Bus) {
        actor.bus = bus
        actor.plug()
        if settings.replugs { scheduleReplug() }
        if let period = settings.noisePeriod { scheduleNoise(period) }
        if settings.changesEcho { scheduleEcho(bus, settings.bus) }
    }

    func observe(_ event: BrokerEvent) {
        turns.observe(event)
        if case .line(let event) = event { actor.observe(event) }
    }

    func check() { queue.check() }

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
    private func scheduleEcho(_ bus: Bus, _ settings: BusSettings) {
        var settings = settings
        settings.localEcho.toggle()
        timeline.schedule(at: timeline.now + random.duration(.milliseconds(1) ... .seconds(2))) { [weak self] in
            bus.apply(settings)
            self?.scheduleEcho(bus, settings)
        }
    }

    private func scheduleNoise(_ period: Duration) {
        timeline.schedule(at: timeline.now + random.duration(.zero...period * 2)) { [weak self] in
            self?.actor.makeNoise()
            self?.scheduleNoise(period)
        }
    }
}
