internal import Broker
internal import Modbus
internal import Simulator

/// The dongle on its serial port, and the check that it hears only answers to its newest request (R5).
final class DongleActor {
    private let world: World
    private let door: Door
    private var random: RandomSource
    private let port: DonglePort
    private var session: SerialClientSession?
    private var dongle: SimulatedDongle?
    /// When the newest request, and its newest copy, came.
    private var newest: (frame: RTUFrame, first: Instant, latest: Instant)?
    /// When the request that the newest one repeats came first.
    private var repeated: Instant?

    init(_ world: World, line: Int, random: RandomSource) {
        self.world = world
        var entrance = Entrance.dongle(line: line)
        entrance.reads = world.settings.lines[line].dongleReads
        door = world.core.makeDoor(entrance)
        self.random = random
        port = DonglePort(world, random: self.random.split())
        let client = Client.dongle(line: line)
        world.register(client, at: door)
        session = world.core.serialSession(
            of: client, at: door, observe: { [weak self] in self?.observe($0) },
            send: { [weak self] in self?.forward($0) })
        session?.portOpened(isPseudoTerminal: false)
        dongle = SimulatedDongle(
            timeline: world.timeline, random: self.random.split()
        ) { [weak self] in self?.port.write($0) }
        port.deliver = { [weak self] in self?.session?.received($0) }
        world.timeline.schedule(at: world.timeline.now + .milliseconds(1)) { [weak self] in self?.dongle?.boot() }
        scheduleMishap()
    }

    /// Writes between the reads, many at once now and then, boots anew, and unplugs.
    private func scheduleMishap() {
        let instant = world.timeline.now + random.duration(.seconds(2) ... .seconds(20))
        world.timeline.schedule(at: instant) { [weak self] in
            guard let self, world.isOpen else { return }
            scheduleMishap()
            let roll = Double.random(in: 0..<1, using: &random)
            if roll < 0.1 {
                port.close()
                session?.portClosed()
                session?.portOpened(isPseudoTerminal: false)
                newest = nil
                dongle?.boot()
            } else if roll < 0.15 {
                port.write(flood())
            } else {
                dongle?.extraRequests.append(drawRequest())
            }
        }
    }

    /// About 24 writes, glued together: more than the broker keeps for one client.
    private func flood() -> [UInt8] {
        (0..<150).map { _ in drawRequest() }
            .filter { [.writeSingleRegister, .writeMultipleRegisters].contains($0.pdu.function) }.flatMap(\.bytes)
    }

    private func drawRequest() -> RTUFrame {
        let (unit, pdu) = world.requests.draw(&random, at: door.entrance)
        return RTUFrame(unit: unit, pdu: pdu)
    }

    /// Whether all requests that it has written have been found (R6).
    func checkFound() { port.checkFound() }

    private func observe(_ event: BrokerEvent) {
        if case .request(let query) = event {
            port.found(query.frame)
            repeated = newest.flatMap { $0.frame == query.frame ? $0.first : nil }
            newest = (query.frame, query.arrived, query.arrived)
        }
        // The copy gets the answer to what runs already.
        if case .finished(let exchange, .superseded) = event, let repeated, let newest,
            exchange.query.frame == newest.frame, newest.latest == world.timeline.now
        {
            self.newest?.first = repeated
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
            "R5", world.isRightAnswer(frame, to: newest.frame, arrived: newest.first),
            "the dongle got a wrong value: \(frame.summary) for \(newest.frame.summary)")
        let arrival = world.timeline.now + world.settings.clients.serialTiming.time(of: bytes.count)
        world.timeline.schedule(at: arrival) { [weak self] in self?.dongle?.received(bytes) }
    }
}
