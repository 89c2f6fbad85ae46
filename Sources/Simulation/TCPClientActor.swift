internal import Broker
internal import Modbus
internal import Simulator

/// A Modbus TCP client with habits of its own: patient or not, one request at a time or several, often connected anew.
final class TCPClientActor {
    private struct Asked {
        let frame: TCPFrame
        let instant: Instant
    }

    private let world: World
    private let door: Door
    private var random: RandomSource
    private let address: String
    private let pipelining: Int
    private let pause: ClosedRange<Duration>
    private let impatience: Double
    private var session: TCPClientSession?
    private var connection = 0
    private var outstanding: [UInt16: Asked] = [:]
    private var transaction: UInt16 = 0
    private var isScheduled = false
    /// Whether it was told to wait: it does so for a moment.
    private var wasRefused = false

    init(_ world: World, number: Int, at door: Door, random: RandomSource) {
        self.world = world
        self.door = door
        self.random = random
        address = "10.0.0.\(number % 3)"
        pipelining = [1, 1, 2, 24].randomElement(using: &self.random) ?? 1
        pause = .zero...([Duration.zero, .milliseconds(200), .seconds(4)].randomElement(using: &self.random) ?? .zero)
        impatience = self.random.chance(0.3) ? 0.02 : 0
        connect()
        schedule()
    }

    private func connect() {
        connection += 1
        outstanding = [:]
        let client = Client(kind: .tcp, name: "TCP:\(address):\(connection)", address: address)
        world.register(client, at: door)
        session = world.core.tcpSession(of: client, at: door) { [weak self, connection] in
            self?.received($0, connection: connection)
        }
    }

    /// Moves the client to a listener that answers only its newest request.
    func becomeNewestOnly() {
        door.entrance.isNewestOnly = true
        session?.close()
        connect()
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let instant = world.timeline.now + random.duration(pause) + (wasRefused ? .milliseconds(200) : .milliseconds(1))
        wasRefused = false
        world.timeline.schedule(at: instant) { [weak self] in self?.act() }
    }

    private func act() {
        isScheduled = false
        guard world.isOpen else { return }
        defer { if outstanding.count < pipelining, session?.hasRoom ?? false { schedule() } }
        if random.chance(impatience) {
            session?.close()
            connect()
        }
        guard let session, outstanding.count < pipelining, session.hasRoom else { return }
        transaction &+= 1
        let (unit, pdu) = world.requests.draw(&random, at: door.entrance)
        let frame = TCPFrame(transaction: transaction, unit: unit, pdu: pdu)
        if door.entrance.isNewestOnly { outstanding = [:] }
        outstanding[transaction] = Asked(frame: frame, instant: world.timeline.now)
        session.received(frame, arrived: world.timeline.now)
        if random.chance(0.02), session.hasRoom, outstanding[transaction] != nil {
            session.received(frame, arrived: world.timeline.now)
        }
    }

    private func received(_ reply: TCPFrame, connection: Int) {
        world.verdict.check("R8", connection == self.connection, "an answer to a closed connection")
        guard connection == self.connection else { return }
        guard let asked = outstanding.removeValue(forKey: reply.transaction) else {
            world.verdict.check("R8", false, "an answer to a request that was not made, or was answered")
            return
        }
        wasRefused = reply.pdu.exceptionCode != nil
        schedule()
        world.check(
            reply: RTUFrame(unit: reply.unit, pdu: reply.pdu), to: asked.frame, arrived: asked.instant)
    }
}
