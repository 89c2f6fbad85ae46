internal import Broker
internal import Modbus
internal import Simulator

/// Broker, line, dongle and Home Assistant in virtual time.
final class LoadWorld {
    private let timeline = VirtualTimeline()
    private let core: Core
    private var dongle: DongleOnPort?
    private let homeAssistant: HomeAssistant
    private var failures: [String: Int] = [:]

    init(_ scenario: LoadScenario, seed: UInt64) {
        var random = RandomSource(seed: seed)
        let link = LoadLink(timeline: timeline, random: random.split())
        core = Core(bus: scenario.bus, clients: ScenarioSettings().clients, timeline: timeline, link: link)
        homeAssistant = HomeAssistant(timeline: timeline, random: random.split())
        link.bus = core.bus
        core.observe = { [unowned self] in observe($0) }
        core.bus.lineOpened()
        dongle = DongleOnPort(of: core, random: random.split())
        connectHomeAssistant()
    }

    func run(for duration: Duration) { timeline.run(until: timeline.now + duration) }

    var report: LoadScenario.Report {
        LoadScenario.Report(
            dongle: dongle?.figures ?? ClientFigures(requests: 0, unanswered: 0, waits: []),
            homeAssistant: homeAssistant.figures,
            failures: failures.map { "\($0.key) \($0.value)" }.sorted())
    }

    private func connectHomeAssistant() {
        let client = Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1")
        homeAssistant.session = core.tcpSession(of: client) { [weak homeAssistant] in homeAssistant?.received($0) }
    }

    private func observe(_ event: BrokerEvent) {
        guard case .finished(let exchange, let delivery) = event else { return }
        if case .failure(let error) = exchange.result, delivery != .superseded {
            failures["\(exchange.query.client.kind) \(error)", default: 0] += 1
        } else if case .success = exchange.result, delivery != .delivered {
            failures["\(exchange.query.client.kind) answer \(delivery)", default: 0] += 1
        }
    }
}

/// The line as it was measured: whole replies 28–117 ms after the request, 5.5 % of them never.
private final class LoadLink: BusLink {
    weak var bus: Bus?
    private var line: SimulatedLine?

    init(timeline: VirtualTimeline, random: RandomSource) {
        var settings = SimulatedLine.Settings()
        settings.timing = ScenarioSettings().timing
        // The longest reply, 255 bytes, takes another 22 ms.
        settings.thinkingTime = .milliseconds(28) ... .milliseconds(95)
        settings.faults = [.loss(0.055)]
        let unit = DatasetUnit.demo()
        line = SimulatedLine(
            settings: settings, timeline: timeline, random: random, units: [(1, { unit.answer($0, at: timeline.now) })]
        ) { [weak self] in self?.bus?.received($0) }
    }

    func transmit(_ bytes: [UInt8]) { line?.transmit(bytes) }

    func reopen() {
        line?.unplug()
        bus?.lineOpened()
    }
}
