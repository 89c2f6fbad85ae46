internal import Broker
internal import Modbus
internal import Simulator

/// The core, one line, and the clients of an ``OverloadScenario``.
final class OverloadWorld {
    private let scenario: OverloadScenario
    private let timeline = VirtualTimeline()
    private let core: Core
    private let link: ScenarioLink
    private var callers: [OverloadCaller] = []
    private var dongle: DongleOnPort?
    private var connections = 0

    init(_ scenario: OverloadScenario, seed: UInt64) {
        self.scenario = scenario
        var random = RandomSource(seed: seed)
        link = ScenarioLink(
            replyTime: scenario.replyTime, loss: scenario.loss, timeline: timeline, random: random.split()
        ) { scenario.answers($0, $1) }
        core = Core(
            bus: ScenarioSettings().bus, clients: ScenarioSettings().clients, timeline: timeline, link: link)
        link.bus = core.bus
        core.bus.lineOpened()
        if scenario.hasDongle { dongle = DongleOnPort(of: core, random: random.split()) }
        callers = scenario.callers.map { settings in
            OverloadCaller(settings, timeline: timeline) { [unowned self] in connect($0, settings.address) }
        }
        for caller in callers { caller.begin() }
    }

    private func connect(_ caller: OverloadCaller, _ address: String) -> TCPClientSession {
        connections += 1
        let client = Client(kind: .tcp, name: "TCP:\(address):\(connections)", address: address)
        return core.tcpSession(of: client) { [weak caller] in caller?.received($0) }
    }

    func run() { timeline.run(until: .start + scenario.duration) }

    var report: OverloadScenario.Report {
        OverloadScenario.Report(
            callers: callers.map(\.figures), dongle: dongle?.figures,
            repliesASecond: Double(link.replies) * (.seconds(1) / scenario.duration))
    }
}
