internal import Broker
internal import Modbus
internal import Simulator

/// The whole core in virtual time: clients, sessions, policies, routers, buses, and lines that misbehave.
final class World {
    let settings: WorldSettings
    let timeline = VirtualTimeline()
    let verdict: Verdict
    let lines: [WorldLine]
    let routing: Routing
    let ledger: QueryLedger
    let core: Core
    private let rates: RateWatch
    var pace: PaceCheck
    var requests: RequestMix
    private var random: RandomSource
    private var tcpClients: [TCPClientActor] = []
    private var terminals: [TerminalActor] = []
    private var dongles: [DongleActor] = []
    /// Where each client comes in. Only looked up.
    private var entrances: [ObjectIdentifier: Entrance] = [:]
    private static let mostEventsOfInstant = 10_000
    private var eventsOfInstant = 0
    /// Whether clients still ask.
    private(set) var isOpen = true

    /// Gets every report of a session or a bus; a session's has no line.
    private let tell: (BrokerEvent, Line?, Instant) -> Void

    init(seed: UInt64, isTracing: Bool, tell: @escaping (BrokerEvent, Line?, Instant) -> Void = { _, _, _ in }) {
        self.tell = tell
        var random = RandomSource(seed: seed)
        let settings = WorldSettings(&random)
        self.settings = settings
        let verdict = Verdict(isTracing: isTracing) { [timeline] in timeline.now }
        self.verdict = verdict
        lines = settings.lines.enumerated().map { [timeline] in
            WorldLine(number: $0, settings: $1, timeline: timeline, verdict: verdict, random: &random)
        }
        let routing = Routing(settings.lines)
        self.routing = routing
        ledger = QueryLedger(verdict: verdict, timeline: timeline, timeToAnswer: settings.clients.timeToAnswer)
        pace = PaceCheck(verdict: verdict)
        rates = RateWatch(settings.rate, timeline: timeline, verdict: verdict)
        core = Core(
            lines.map { $0.coreLine(units: routing.numbers(of: $0.number)) }, clients: settings.clients,
            timeline: timeline, rate: settings.rate, allowsBroadcast: settings.allowsBroadcast, watch: rates)
        requests = RequestMix(routing)
        self.random = random
        core.observe = { [unowned self] event in
            self.tell(event, nil, timeline.now)
            observe(event)
        }
        core.observeLine = { [unowned self] line, event in
            self.tell(event, line, timeline.now)
            guard let line = lines.first(where: { $0.line === line }) else { return }
            observe(event, of: line)
        }
        start()
    }

    private func start() {
        core.switchboard.open()
        for line in lines where line.settings.hasDongle {
            dongles.append(DongleActor(self, line: line.number, random: random.split()))
        }
        for (number, entrance) in settings.tcpClients.enumerated() {
            tcpClients.append(TCPClientActor(self, number: number, at: entrance, random: random.split()))
        }
        for (number, entrance) in settings.terminals.enumerated() {
            terminals.append(TerminalActor(self, number: number, at: entrance, random: random.split()))
        }
        if settings.changesRate { scheduleRate() }
        // Of a copy, so that everything else is drawn as it was before.
        var random = random
        for line in lines where random.chance(0.3) {
            line.actor.silentFrom = 125 * UInt16.random(in: 1...3, using: &random)
        }
        for client in tcpClients where random.chance(0.15) { client.becomeNewestOnly() }
    }

    func register(_ client: Client, at entrance: Entrance) { entrances[ObjectIdentifier(client)] = entrance }

    func entrance(of client: Client) -> Entrance { entrances[ObjectIdentifier(client)] ?? Entrance(line: nil) }

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
        for line in lines { line.check() }
        for dongle in dongles { dongle.checkFound() }
        for terminal in terminals { terminal.check() }
        ledger.checkBound()
        rates.check()
        return true
    }

    var exchanges: Int { lines.reduce(0) { $0 + $1.actor.transmissions.count } }

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
