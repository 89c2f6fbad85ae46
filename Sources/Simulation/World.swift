internal import Broker
internal import Modbus
internal import Simulator

/// The whole core in virtual time: clients, sessions, policies, routers, buses, and lines that misbehave.
final class World {
    let settings: WorldSettings
    let timeline = VirtualTimeline()
    let verdict: Verdict
    let places: [WorldPlace]
    /// By their numbers; nil: one that a reload has taken away.
    private(set) var lines: [WorldLine?]
    /// Those that reloads have taken away, or moved.
    private var earlierLines: [WorldLine] = []
    /// What is said of each line; nil: it is not there.
    private(set) var routes: [LineRoutes?]
    private(set) var routing: Routing
    private(set) var allowsBroadcast: Bool
    let ledger: QueryLedger
    let core: Core
    private let rates: RateWatch
    var pace: PaceCheck
    var requests: RequestMix
    private var random: RandomSource
    private var tcpClients: [TCPClientActor] = []
    private var terminals: [TerminalActor] = []
    private var dongles: [DongleActor] = []
    private var reloads: Reloads?
    /// The request whose end was told last, as its client asked it, and what holds for it.
    var told: (request: RTUFrame, judgement: Judgement)?
    /// The listeners, but for the ports of dongles.
    private(set) var listeners: [Door] = []
    /// Where each client comes in. Only looked up.
    private var doors: [ObjectIdentifier: Door] = [:]
    private static let mostEventsOfInstant = 10_000
    private var eventsOfInstant = 0
    /// Whether clients still ask.
    private(set) var isOpen = true

    /// Gets every report of a session or a bus; a session's has no line.
    private let tell: (BrokerEvent, Line?, Instant) -> Void

    init(
        seed: UInt64, isReloaded: Bool, isTracing: Bool,
        tell: @escaping (BrokerEvent, Line?, Instant) -> Void = { _, _, _ in }
    ) {
        self.tell = tell
        var random = RandomSource(seed: seed)
        let settings = WorldSettings(&random)
        self.settings = settings
        let verdict = Verdict(isTracing: isTracing) { [timeline] in timeline.now }
        self.verdict = verdict
        places = settings.lines.enumerated().map { [timeline] in
            WorldPlace(number: $0, settings: $1, timeline: timeline, verdict: verdict, random: &random)
        }
        let lines = places.map { [timeline] place in
            WorldLine(Line(name: "line\(place.number)"), at: place, timeline: timeline, verdict: verdict)
        }
        self.lines = lines
        let (routes, routing) = (settings.lines.map(\.routes), Routing(settings.lines))
        (self.routes, self.routing) = (routes, routing)
        allowsBroadcast = settings.allowsBroadcast
        ledger = QueryLedger(verdict: verdict, timeline: timeline, timeToAnswer: settings.clients.timeToAnswer)
        pace = PaceCheck(verdict: verdict)
        rates = RateWatch(settings.rate, timeline: timeline, verdict: verdict)
        core = Core(
            lines.enumerated().map { $1.coreLine(routes[$0], units: routing.numbers(of: $0)) },
            clients: settings.clients, timeline: timeline, rate: settings.rate,
            allowsBroadcast: settings.allowsBroadcast, watch: rates)
        requests = RequestMix(routing)
        self.random = random
        follow(lines)
        start(isReloaded)
    }

    private func follow(_ lines: [WorldLine]) {
        core.observe = { [unowned self] event in
            self.tell(event, nil, timeline.now)
            observe(event)
        }
        core.observeLine = { [unowned self] line, event in
            self.tell(event, line, timeline.now)
            verdict.note("\(line.name): \(event.summary)")
        }
        for (line, end) in zip(lines, core.ends) {
            line.end = end
            follow(line)
        }
    }

    private func start(_ isReloaded: Bool) {
        core.switchboard.open()
        for (index, line) in settings.lines.enumerated() where line.hasDongle {
            dongles.append(DongleActor(self, line: index, random: random.split()))
        }
        for (number, entrance) in settings.tcpClients.enumerated() {
            listeners.append(core.makeDoor(entrance))
            tcpClients.append(
                TCPClientActor(self, number: number, at: listeners[listeners.count - 1], random: random.split()))
        }
        for (number, entrance) in settings.terminals.enumerated() {
            listeners.append(core.makeDoor(entrance))
            terminals.append(
                TerminalActor(self, number: number, at: listeners[listeners.count - 1], random: random.split()))
        }
        if settings.changesRate { scheduleRate() }
        // Of a copy, so that everything else is drawn as it was before.
        var random = random
        for place in places where random.chance(0.3) {
            place.actor.silentFrom = 125 * UInt16.random(in: 1...3, using: &random)
        }
        for client in tcpClients where random.chance(0.15) { client.becomeNewestOnly() }
        if isReloaded, random.chance(0.3) { reloads = Reloads(of: self, random: random.split()) }
    }

    /// Is told what happens on a line, whatever becomes of it.
    private func follow(_ line: WorldLine) {
        line.tell = { [unowned self, unowned line] event in
            tell(event, line.line, timeline.now)
            observe(event, of: line)
        }
    }

    func register(_ client: Client, at door: Door) { doors[ObjectIdentifier(client)] = door }

    func door(of client: Client) -> Door? { doors[ObjectIdentifier(client)] }

    /// The core goes on by another configuration.
    ///
    /// - Parameter wanted: of each line what is said of it, and at which place it is; nil: it is not there. The same place
    ///   anew: what is there is replaced.
    func reload(_ wanted: [ReloadedLine?], allowsBroadcast: Bool) {
        self.allowsBroadcast = allowsBroadcast
        routes = wanted.map { $0?.routes }
        routing = Routing(routes)
        ledger.review { [unowned self] in review(&$0, of: $1) }
        let before = lines
        lines = zip(wanted, before).map { [timeline, verdict] wanted, line in
            guard let wanted else { return nil }
            if let line, line.place === wanted.place, !wanted.isAnew { return line }
            let name = line?.line ?? Line(name: "line of \(wanted.place.name)")
            let new = WorldLine(name, at: wanted.place, timeline: timeline, verdict: verdict)
            follow(new)
            return new
        }
        for line in before.compactMap(\.self) where !lines.contains(where: { $0 === line }) {
            line.leave()
            earlierLines.append(line)
        }
        core.reload(
            lines.enumerated().compactMap { number, line in
                guard let line, let routes = routes[number] else { return nil }
                return line.planned(routes, units: routing.numbers(of: number), core)
            }, line: { [lines] in lines[$0]?.line }, allowsBroadcast: allowsBroadcast)
    }

    /// Runs for so long, then lets everything come to its end.
    ///
    /// - Throws: the first rule that was broken.
    func run(for duration: Duration) throws(Violation) {
        let end = timeline.now + duration
        while verdict.violation == nil, step(until: end) {}
        isOpen = false
        let drained = end + .seconds(60)
        while verdict.violation == nil, ledger.openCount > 0, step(until: drained) {}
        ledger.checkEnd()
        if let violation = verdict.violation { throw violation }
    }

    /// One event; a timer that is set for what has passed, again and again, would keep the time standing still.
    private func step(until limit: Instant) -> Bool {
        let before = timeline.now
        guard timeline.step(until: limit) else { return false }
        eventsOfInstant = timeline.now == before ? eventsOfInstant + 1 : 0
        verdict.check("R8", eventsOfInstant < Self.mostEventsOfInstant, "the time stands still")
        for line in lines.lazy.compactMap(\.self) + earlierLines { line.check() }
        for dongle in dongles { dongle.checkFound() }
        for terminal in terminals { terminal.check() }
        ledger.checkBound()
        rates.check()
        return true
    }

    var exchanges: Int { places.reduce(0) { $0 + $1.actor.transmissions.count } }

    private func scheduleRate() {
        let instant = timeline.now + random.duration(.seconds(1) ... .seconds(20))
        timeline.schedule(at: instant) { [weak self] in
            guard let self, isOpen else { return }
            scheduleRate()
            let rate = random.chance(0.3) ? nil : WorldSettings.drawRate(&random)
            guard rate != core.rate else { return }
            rates.apply(rate)
            core.rate = rate
        }
    }
}
