internal import Broker
internal import Modbus
internal import Simulator

/// The dongle on its serial port, and the check that it hears only answers to its newest request (R5, R6).
final class DongleActor {
    private let world: World
    private var random: RandomSource
    private let client = Client(kind: .serial, name: "SHINE", address: "SHINE")
    private var session: SerialClientSession?
    private var dongle: SimulatedDongle?
    /// When the newest request, and its newest copy, were sent.
    private var newest: (frame: RTUFrame, first: Instant, latest: Instant)?
    private var isCutting = false

    init(_ world: World, random: RandomSource) {
        self.world = world
        self.random = random
        isCutting = self.random.chance(0.5)
        session = SerialClientSession(
            client: client, backend: world.backend, settings: world.settings.clients, timeline: world.timeline,
            observe: { [weak self] in self?.observe($0) }
        ) { [weak self] in self?.forward($0) }
        dongle = SimulatedDongle(
            timeline: world.timeline, random: self.random.split(), shapes: world.settings.clients.shapes
        ) { [weak self] in self?.write($0) }
        world.timeline.schedule(at: world.timeline.now + .milliseconds(1)) { [weak self] in self?.dongle?.boot() }
        scheduleMishap()
    }

    /// Writes between the reads, boots anew, and unplugs now and then.
    private func scheduleMishap() {
        let instant = world.timeline.now + random.duration(.seconds(2) ... .seconds(20))
        world.timeline.schedule(at: instant) { [weak self] in
            guard let self, world.isOpen else { return }
            scheduleMishap()
            if random.chance(0.1) {
                session?.portClosed()
                newest = nil
                dongle?.boot()
            } else {
                let (unit, pdu) = world.requests.draw(&random, allowsBroadcast: true)
                dongle?.extraRequests.append(RTUFrame(unit: unit, pdu: pdu))
            }
        }
    }

    /// What the dongle writes reaches the broker at once, or in two pieces within the silence that ends a frame.
    private func write(_ bytes: [UInt8]) {
        guard world.isOpen else { return }
        let cut = isCutting ? Int.random(in: 0...bytes.count, using: &random) : bytes.count
        session?.received(Array(bytes.prefix(cut)))
        let rest = Array(bytes.dropFirst(cut))
        guard !rest.isEmpty else { return }
        world.timeline.schedule(at: world.timeline.now + .milliseconds(10)) { [weak self] in
            self?.session?.received(rest)
        }
    }

    private func observe(_ event: BrokerEvent) {
        if case .request(let query) = event {
            let frame = RTUFrame(unit: query.unit, pdu: query.pdu)
            let isCopy = newest?.frame == frame && newest.map { query.arrived - $0.latest < .seconds(2) } ?? false
            let first = isCopy ? newest?.first ?? query.arrived : query.arrived
            newest = (frame, first, query.arrived)
        }
        world.observe(event)
    }

    private func forward(_ bytes: [UInt8]) {
        guard let newest, let frame = RTUFrame(bytes) else {
            world.verdict.check("R5", false, "the dongle was told something that it did not ask")
            return
        }
        let age = world.timeline.now - newest.latest
        world.verdict.check("R5", age <= world.settings.clients.serialTimeout, "forwarded after \(age)")
        let function = frame.pdu.function.withoutExceptionBit
        world.verdict.check("R5", function == newest.frame.pdu.function, "an answer to an older request")
        world.verdict.check(
            "R5", world.line.isRightAnswer(frame, to: newest.frame, arrived: newest.first),
            "the dongle got a wrong value: \(frame.summary) for \(newest.frame.summary)")
        let arrival = world.timeline.now + world.settings.clients.serialTiming.time(of: bytes.count)
        world.timeline.schedule(at: arrival) { [weak self] in self?.dongle?.received(bytes) }
    }
}
