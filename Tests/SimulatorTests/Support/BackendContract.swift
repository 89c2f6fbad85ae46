import Broker
import Modbus
import Simulator
import Testing

/// A backend that has to keep the contract, with a unit 1 and a unit 2 that take 40 ms to answer.
///
/// Each row is one way to answer, by itself, behind a policy, and with faults before it.
struct BackendContract: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let make: @Sendable (VirtualTimeline) -> (any Backend, () -> Void)

    func bench() -> BackendBench { BackendBench(make) }

    private init(_ description: String, _ make: @escaping @Sendable (VirtualTimeline) -> (any Backend, () -> Void)) {
        testDescription = description
        self.make = make
    }

    /// Those whose units change by a write.
    static let writable: [BackendContract] = [
        .init("SimulatedUnitsBackend of a dataset", dataset),
        .init("Bus on a SimulatedLine", bus),
        .init("Bus at a Modbus TCP server", server),
        .init("FaultInjection without effect around a dataset") {
            around(dataset($0), $0, faults: "split; loss unit 7")
        },
        .init("FaultInjection without effect around Bus") { around(bus($0), $0, faults: "duplicate") },
        .init("AccessPolicy around a dataset") { policy(dataset($0), $0) },
        .init("AccessPolicy around FaultInjection around Bus") {
            policy(around(bus($0), $0, faults: "noise-before"), $0)
        },
    ]

    /// Those that answer every query as the unit does, or did.
    static let faithful: [BackendContract] =
        writable + [
            .init("a recording") { RecordedBench.made($0, isStrict: false) },
            .init("a recording in strict order") { RecordedBench.made($0, isStrict: true) },
            .init("AccessPolicy around FaultInjection without effect around a recording") {
                policy(around(RecordedBench.made($0, isStrict: false), $0, faults: "split"), $0)
            },
            .init("FaultInjection without effect around a recording in strict order") {
                around(RecordedBench.made($0, isStrict: true), $0, faults: "noise-after")
            },
        ]

    /// Those whose units are disturbed as well.
    static let all: [BackendContract] =
        faithful + [
            .init("FaultInjection around a dataset") { around(dataset($0), $0, faults: everything) },
            .init("FaultInjection around Bus") { around(bus($0), $0, faults: everything) },
            .init("FaultInjection around a recording") {
                around(RecordedBench.made($0, isStrict: false), $0, faults: everything)
            },
            .init("FaultInjection around a recording in strict order") {
                around(RecordedBench.made($0, isStrict: true), $0, faults: everything)
            },
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
        let settings = BusSettings(
            timing: line.timing, minPeriod: .zero, responseTimeout: .milliseconds(900), retries: 1)
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
        let injector = FaultInjector(rules.rules, seed: 1, start: timeline.now)
        let injection = FaultInjection(injector, next: next.0, timeline: timeline)
        let stop = {
            injection.stop()
            next.1()
        }
        return (injection, stop)
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
