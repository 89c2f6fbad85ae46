import Broker
import Modbus
import Simulator
import Testing

/// A backend that has to keep the contract, with a unit 1 and a unit 2 that take 40 ms to answer.
struct BackendContract: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let make: @Sendable (VirtualTimeline) -> (any Backend, () -> Void)

    func bench() -> BackendBench { BackendBench(make) }

    /// Those that answer every query as the unit does.
    static let faithful: [BackendContract] = [
        .init(testDescription: "SimulatedUnitsBackend", make: dataset),
        .init(testDescription: "Bus on a SimulatedLine", make: bus),
        .init(testDescription: "Bus at a Modbus TCP server", make: server),
        .init(testDescription: "FaultInjection without effect around SimulatedUnitsBackend") {
            around(dataset($0), $0, faults: "split; loss unit 7")
        },
        .init(testDescription: "FaultInjection without effect around Bus") {
            around(bus($0), $0, faults: "duplicate")
        },
        .init(testDescription: "AccessPolicy around SimulatedUnitsBackend") { policy(dataset($0), $0) },
        .init(testDescription: "AccessPolicy around FaultInjection around Bus") {
            policy(around(bus($0), $0, faults: "noise-before"), $0)
        },
    ]

    /// Those whose units are disturbed as well.
    static let all: [BackendContract] =
        faithful + [
            .init(testDescription: "FaultInjection around SimulatedUnitsBackend") {
                around(dataset($0), $0, faults: everything)
            },
            .init(testDescription: "FaultInjection around Bus") { around(bus($0), $0, faults: everything) },
        ]

    private static let everything = """
        delay 10% by 1ms-2s; tail 5% by 100ms; loss 5%; late 5%; exception 5%; crc 2%; duplicate 2%; truncated 2%; \
        wrong-unit 2%; wrong-function 2%; wrong-count 2%; asleep 1% for 300ms; unplugged 1% for 200ms
        """

    private typealias Made = (any Backend, () -> Void)

    @Sendable private static func dataset(_ timeline: VirtualTimeline) -> Made {
        let backend = BackendBench.dataset(timeline) { $0.replyTime = .milliseconds(40) }
        return (backend, backend.stop)
    }

    @Sendable private static func bus(_ timeline: VirtualTimeline) -> Made {
        var line = SimulatedLine.Settings()
        line.thinkingTime = .milliseconds(40) ... .milliseconds(40)
        var settings = BusSettings()
        settings.timing = line.timing
        settings.shapes = BackendBench.shapes
        settings.minPeriod = .zero
        let link = SimulatedLink(line, timeline)
        let bus = Bus(settings: settings, timeline: timeline, link: link) { _ in }
        link.bus = bus
        bus.lineOpened()
        return (bus, { bus.stop {} })
    }

    /// A server that answers for its units at once, and says nothing for others.
    @Sendable private static func server(_ timeline: VirtualTimeline) -> Made {
        let link = SimulatedServerLink(
            BackendBench.dataset(timeline) { $0.replyTime = .milliseconds(40) }, timeline)
        let bus = Bus(settings: SimulatedServerLink.settings(), timeline: timeline, link: link) { _ in }
        link.bus = bus
        bus.lineOpened()
        return (bus, { bus.stop {} })
    }

    private static func around(_ next: Made, _ timeline: VirtualTimeline, faults: String) -> Made {
        guard let rules = try? FaultRules(faults) else { fatalError("no rules: \(faults)") }
        let injector = FaultInjector(rules.rules, seed: 1, shapes: BackendBench.shapes, start: timeline.now)
        return (FaultInjection(injector, next: next.0, timeline: timeline), next.1)
    }

    private static func policy(_ next: Made, _ timeline: VirtualTimeline) -> Made {
        (AccessPolicy(AccessPolicy.Settings(), timeline: timeline, next: next.0), next.1)
    }
}

/// Carries the bytes between a ``Bus`` and a ``SimulatedLine``.
private final class SimulatedLink: BusLink {
    weak var bus: Bus?
    private var line: SimulatedLine?

    init(_ settings: SimulatedLine.Settings, _ timeline: VirtualTimeline) {
        let units = BackendBench.units().map { name, unit in
            (name, { (request: PDU) in unit.answer(request, at: timeline.now) })
        }
        line = SimulatedLine(settings: settings, timeline: timeline, random: RandomSource(seed: 1), units: units) {
            [weak self] in self?.bus?.received($0)
        }
    }

    func transmit(_ bytes: [UInt8]) { line?.transmit(bytes) }

    func reopen() { bus?.lineOpened() }
}
