internal import Broker
internal import Modbus
internal import Simulator

/// What happens on one ``ScenarioLink``.
protocol LineScenario {
    var duration: Duration { get }
    var hasDongle: Bool { get }
    /// The share of replies that never come, 0–1.
    var loss: Double { get }
    /// From the end of a request to its reply.
    var replyTime: Duration { get }
}

/// The core, one line, and perhaps the dongle, in virtual time.
final class ScenarioWorld {
    let timeline = VirtualTimeline()
    let link: ScenarioLink
    let core: Core
    private let scenario: any LineScenario
    private var random: RandomSource
    private var dongle: DongleOnPort?
    private var connections = 0

    /// - Parameter answers: whether a unit answers this so long after the start.
    init(
        _ scenario: any LineScenario, bus: BusSettings = ScenarioSettings().bus, seed: UInt64,
        answers: @escaping (UnitIdentifier, PDU, Duration) -> Bool
    ) {
        self.scenario = scenario
        random = RandomSource(seed: seed)
        link = ScenarioLink(
            replyTime: scenario.replyTime, loss: scenario.loss, timeline: timeline, random: random.split()
        ) { [timeline] in answers($0, $1, timeline.now - .start) }
        core = Core(bus: bus, clients: ScenarioSettings().clients, timeline: timeline, link: link)
        link.bus = core.bus
    }

    /// The line is there, and then the dongle.
    func open() {
        core.bus.lineOpened()
        if scenario.hasDongle { dongle = DongleOnPort(of: core, random: random.split()) }
    }

    func connect(_ address: String, _ received: @escaping (TCPFrame) -> Void) -> TCPClientSession {
        connections += 1
        let client = Client(kind: .tcp, name: "TCP:\(address):\(connections)", address: address)
        return core.tcpSession(of: client, send: received)
    }

    func run() { timeline.run(until: .start + scenario.duration) }

    var dongleFigures: ClientFigures? { dongle?.figures }
}
