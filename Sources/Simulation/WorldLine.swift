internal import Broker
internal import Modbus
internal import Simulator

/// A line of a world at one place: all that is checked of its bus alone. A line that is moved to another place is another
/// of these.
final class WorldLine {
    /// As the broker names it.
    let line: Line
    let place: WorldPlace
    private let turns: TurnCheck
    private let prompt: PromptCheck
    private let queue: QueueWatch
    private let timeline: VirtualTimeline
    /// When its bus got the device; nil: not yet.
    private var opened: Instant?
    private(set) var isLeaving = false
    /// Its bus, once the core has it.
    var end: CoreEnd?
    /// Is told what happens on its bus.
    var tell: (BrokerEvent) -> Void = { _ in }

    /// - Parameter line: as the broker names it.
    init(_ line: Line, at place: WorldPlace, timeline: VirtualTimeline, verdict: Verdict) {
        self.line = line
        self.place = place
        self.timeline = timeline
        let actor = place.actor
        turns = TurnCheck(place.bus, timeline: timeline, verdict: verdict)
        prompt = PromptCheck(place.bus, actor: actor, timeline: timeline, verdict: verdict)
        queue = QueueWatch(place.bus, turns: turns, prompt: prompt, verdict: verdict)
        queue.onEnded = { [weak actor] in actor?.checkTry($0) }
    }

    var actor: LineActor { place.actor }

    /// As it is put into the core.
    ///
    /// - Parameter routes: what is said of it.
    func coreLine(_ routes: LineRoutes, units: [UnitIdentifier: UnitIdentifier]?) -> CoreLine {
        CoreLine(
            line: line, settings: place.bus, link: actor, places: [place.name], units: units, reads: routes.reads,
            readLimit: place.settings.readLimit, unitLimits: place.settings.unitLimits, watch: queue,
            open: { [weak self] in self?.open($0) }, close: { [weak self] in self?.close($0) },
            observe: { [weak self] in self?.tell($0) })
    }

    /// As a reload puts it into the core: an end of its own, once.
    func planned(
        _ routes: LineRoutes, units: [UnitIdentifier: UnitIdentifier]?, _ core: Core
    ) -> SwitchboardPlan.Line {
        let line = coreLine(routes, units: units)
        let end = end ?? core.makeEnd(of: line)
        self.end = end
        return line.planned(with: end)
    }

    private func open(_ bus: Bus) {
        opened = timeline.now
        prompt.isOpen = !isLeaving
        actor.onTransmit = { [turns, prompt] in
            prompt.sent()
            turns.sent($0)
        }
        place.open(bus)
    }

    private func close(_ bus: Bus) {
        if actor.bus === bus { actor.bus = nil }
    }

    /// The broker lets it go.
    func leave() {
        isLeaving = true
        prompt.isOpen = false
    }

    /// Whether it did not have its device at any moment since then.
    func wasClosed(since instant: Instant) -> Bool {
        isLeaving || opened.map { $0 >= instant } ?? true || actor.wasUnplugged(since: instant)
    }

    func observe(_ event: BrokerEvent) {
        turns.observe(event)
        if case .line(let event) = event { actor.observe(event) }
    }

    func check() { queue.check() }
}
