internal import Broker
internal import Modbus
internal import Simulator

/// The whole core in virtual time: clients, sessions, policies, the bus, and a line that misbehaves.
final class World {
    let settings: WorldSettings
    let timeline = VirtualTimeline()
    let verdict: Verdict
    let line: LineActor
    let ledger: QueryLedger
    let core: Core
    private let turns: TurnCheck
    private let queue: QueueWatch
    var requests: RequestMix
    private var random: RandomSource
    private var tcpClients: [TCPClientActor] = []
    private var dongle: DongleActor?
    private static let mostEventsOfInstant = 10_000
    private var eventsOfInstant = 0
    /// Whether clients still ask.
    private(set) var isOpen = true

    init(seed: UInt64, isTracing: Bool) {
        var random = RandomSource(seed: seed)
        settings = WorldSettings(&random)
        verdict = Verdict(isTracing: isTracing) { [timeline] in timeline.now }
        line = LineActor(settings, timeline: timeline, verdict: verdict, random: random.split())
        ledger = QueryLedger(
            verdict: verdict, timeline: timeline, timeToAnswer: settings.clients.timeToAnswer)
        let turns = TurnCheck(settings.bus, timeline: timeline, verdict: verdict)
        let queue = QueueWatch(settings.bus, turns: turns, verdict: verdict)
        core = Core(bus: settings.bus, clients: settings.clients, timeline: timeline, link: line) { queue.around($0) }
        (self.turns, self.queue) = (turns, queue)
        requests = RequestMix(units: settings.units)
        self.random = random
        line.bus = core.bus
        line.onTransmit = { turns.sent($0) }
        core.observe = { [unowned self] in observe($0) }
        start()
    }

    private func start() {
        line.plug()
        if settings.hasDongle { dongle = DongleActor(self, random: random.split()) }
        tcpClients = (0..<settings.tcpClients).map { TCPClientActor(self, number: $0, random: random.split()) }
        if settings.replugs { scheduleReplug() }
        if let period = settings.noisePeriod { scheduleNoise(period) }
    }

    /// Runs for so long, then lets everything come to its end.
    ///
    /// - Throws: the first rule that was broken.
    func run(for duration: Duration) throws(Violation) {
        let end = timeline.now + duration
        while verdict.violation == nil, step(until: end) {}
        isOpen = false
        let drained = end + .seconds(30)
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
        queue.checkBound()
        ledger.checkBound()
        dongle?.checkFound()
        return true
    }

    var exchanges: Int { line.transmissions.count }

    func observe(_ event: BrokerEvent) {
        verdict.note(event.summary)
        turns.observe(event)
        switch event {
        case .request(let query):
            ledger.asked(query)
            line.noteAsked(query)
        case .finished(let exchange, let delivery):
            checkFit(exchange)
            line.checkSource(of: exchange)
            ledger.finished(exchange, isSuperseded: delivery == .superseded)
            if exchange.isJoined { line.noteJoined(exchange.query) }
        case .line(let event): line.observe(event)
        case .transmitted, .attemptFailed, .discarded, .passthrough: break
        }
    }

    /// Whatever is taken for an answer must look like one.
    private func checkFit(_ exchange: Exchange) {
        guard case .success(let reply) = exchange.result else { return }
        let request = RTUFrame(unit: exchange.query.unit, pdu: exchange.query.pdu)
        let misfit = ReplyFit.misfit(of: reply, to: request, shapes: settings.bus.shapes)
        verdict.check("R3", misfit == nil, "the \(misfit ?? "") does not fit: \(reply.summary) for \(request.summary)")
    }

    /// Checks what a TCP client was told.
    func check(reply: RTUFrame, to request: TCPFrame, arrived: Instant) {
        let asked = RTUFrame(unit: request.unit, pdu: request.pdu)
        if reply.pdu.exceptionCode != nil, !line.isRightAnswer(reply, to: asked, arrived: arrived) {
            // Made by the broker, which speaks for itself with these codes only (R10).
            let codes: [ExceptionCode] = [
                .illegalFunction, .illegalDataAddress, .illegalDataValue, .serverDeviceBusy, .gatewayPathUnavailable,
                .gatewayTargetFailedToRespond,
            ]
            verdict.check(
                "R10", reply.pdu.exceptionCode.map(codes.contains) ?? false, "a wrong exception: \(reply.summary)")
            return
        }
        verdict.check(
            "R4", line.isRightAnswer(reply, to: asked, arrived: arrived),
            "a wrong value: \(reply.summary) for \(asked.summary)")
    }

    private func scheduleReplug() {
        let out = timeline.now + random.duration(.seconds(3) ... .seconds(30))
        let back = out + random.duration(.milliseconds(1) ... .seconds(4))
        timeline.schedule(at: out) { [weak self] in self?.line.unplug() }
        timeline.schedule(at: back) { [weak self] in
            self?.line.plug()
            self?.scheduleReplug()
        }
    }

    private func scheduleNoise(_ period: Duration) {
        timeline.schedule(at: timeline.now + random.duration(.zero...period * 2)) { [weak self] in
            self?.line.makeNoise()
            self?.scheduleNoise(period)
        }
    }
}

extension Exchange {
    /// Whether it was only a copy of a request that was pending, and nothing was done for it.
    fileprivate var isJoined: Bool {
        if case .failure(.withdrawn) = result, attempts == 0 { true } else { false }
    }
}
