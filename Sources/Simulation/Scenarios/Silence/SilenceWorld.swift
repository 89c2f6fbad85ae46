internal import Broker
internal import Modbus
internal import Simulator

/// The core, one line with units that are silent about something, and the clients of a ``SilenceScenario``.
final class SilenceWorld {
    private let scenario: SilenceScenario
    private let timeline = VirtualTimeline()
    private let core: Core
    private let link: ScenarioLink
    private let askers: [SilenceAsker]
    private var dongle: DongleOnPort?
    private var silentAt: Instant?

    init(_ scenario: SilenceScenario, seed: UInt64) {
        self.scenario = scenario
        var random = RandomSource(seed: seed)
        link = ScenarioLink(
            replyTime: scenario.replyTime, loss: scenario.loss, timeline: timeline, random: random.split()
        ) { [timeline] in scenario.answers($0, $1, timeline.now - .start) }
        link.wordForSilence = scenario.wordForSilence
        link.damages = scenario.damages
        var bus = ScenarioSettings().bus
        if scenario.wordForSilence != nil {
            bus.hasTransactions = true
            // The gateway has a timeout of its own, which comes first.
            bus.responseTimeout = .seconds(2)
        }
        core = Core(
            bus: bus, clients: ScenarioSettings().clients, timeline: timeline, link: link)
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

    func run() { timeline.run(until: .start + scenario.duration) }

    var report: SilenceScenario.Report {
        let mark = Instant.start + scenario.mark
        return SilenceScenario.Report(
            clients: askers.map(\.figures), dongle: dongle?.figures, lineLost: link.lost / scenario.duration,
            silentAfter: silentAt.map { $0 - mark }, requests: link.requests, reopenings: link.reopenings)
    }

    private func observe(_ event: BrokerEvent) {
        if case .line(.unitSilent) = event, silentAt == nil, timeline.now >= .start + scenario.mark {
            silentAt = timeline.now
        }
    }
}
