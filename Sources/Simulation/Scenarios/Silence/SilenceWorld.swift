internal import Broker
internal import Modbus
internal import Simulator

/// The core, one line with units that are silent about something, and the clients of a ``SilenceScenario``.
final class SilenceWorld {
    private let scenario: SilenceScenario
    private let timeline = VirtualTimeline()
    private let core: Core
    private let link: SilenceLink
    private let askers: [SilenceAsker]
    private var dongle: DongleOnPort?
    private var silentAt: Instant?

    init(_ scenario: SilenceScenario, seed: UInt64) {
        self.scenario = scenario
        var random = RandomSource(seed: seed)
        link = SilenceLink(scenario, timeline: timeline, random: random.split())
        core = Core(bus: ScenarioSettings().bus, clients: Self.clients, timeline: timeline, link: link)
        askers = scenario.askers.map { [timeline] in SilenceAsker($0, of: scenario, timeline: timeline) }
        link.bus = core.bus
        core.observe = { [unowned self] in observe($0) }
        core.bus.lineOpened()
        if scenario.hasDongle { dongle = DongleOnPort(of: core, random: random.split()) }
        for (number, asker) in askers.enumerated() {
            let address = "10.0.0.\(number + 1)"
            let client = Client(kind: .tcp, name: "TCP:\(address):1", address: address)
            asker.session = core.tcpSession(of: client) { [weak asker] in asker?.received($0) }
        }
    }

    private static var clients: ClientSettings {
        var settings = ScenarioSettings().clients
        settings.clientTimeout = .seconds(5)
        return settings
    }

    func run() { timeline.run(until: .start + scenario.duration) }

    var report: SilenceScenario.Report {
        let mark = Instant.start + scenario.mark
        return SilenceScenario.Report(
            clients: askers.map(\.figures), dongle: dongle?.figures, lineLost: link.lost / scenario.duration,
            silentAfter: silentAt.map { $0 - mark }, requests: link.requests)
    }

    private func observe(_ event: BrokerEvent) {
        if case .line(.unitSilent) = event, silentAt == nil, timeline.now >= .start + scenario.mark {
            silentAt = timeline.now
        }
    }
}

/// A line without faults of its own but the loss of the scenario.
private final class SilenceLink: BusLink {
    weak var bus: Bus?
    private var line: SimulatedLine?
    private let scenario: SilenceScenario
    private let timeline: VirtualTimeline
    /// How long requests kept the line that met nothing.
    private(set) var lost: Duration = .zero
    private(set) var requests = 0
    private var lastSent: Instant?
    private static let dead: Duration = .milliseconds(900)

    init(_ scenario: SilenceScenario, timeline: VirtualTimeline, random: RandomSource) {
        self.scenario = scenario
        self.timeline = timeline
        var settings = SimulatedLine.Settings()
        settings.timing = ScenarioSettings().timing
        settings.shapes = ScenarioSettings.shapes
        settings.thinkingTime = scenario.replyTime...scenario.replyTime
        settings.faults.loss = scenario.loss
        let units: [(UnitIdentifier, SimulatedLine.Unit)] = ([1, 2] as [UInt8]).map { number in
            let unit = UnitIdentifier(rawValue: number)
            return (
                unit,
                { request in
                    guard scenario.answers(unit, request, timeline.now - .start) else { return nil }
                    return StampingUnit.answer(request, number: 0, shapes: ScenarioSettings.shapes)
                }
            )
        }
        line = SimulatedLine(settings: settings, timeline: timeline, random: random, units: units) { [weak self] in
            self?.lastSent = nil
            self?.bus?.received($0)
        }
    }

    func transmit(_ bytes: [UInt8]) {
        if lastSent != nil { lost += Self.dead }
        lastSent = timeline.now
        requests += 1
        line?.transmit(bytes)
    }

    func reopen() {
        line?.unplug()
        bus?.lineOpened()
    }
}
