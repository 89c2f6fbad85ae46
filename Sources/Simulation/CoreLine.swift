internal import Broker
internal import Modbus
internal import Simulator

/// One line, as it is put into the core.
struct CoreLine {
    let line: Line
    let settings: BusSettings
    let link: any BusLink
    var places: [String] = []
    var units: [UnitIdentifier: UnitIdentifier]?
    /// What clients may read of it.
    var reads = ReadRules()
    /// The most registers of a read, and of single units.
    var readLimit: UInt16?
    var unitLimits: [UnitIdentifier: UInt16] = [:]
    /// Stands in front of the bus.
    var watch: QueueWatch?
    /// Opens the port, and lets it go.
    var open: (Bus) -> Void = { _ in }
    var close: (Bus) -> Void = { _ in }
    /// Is told what happens on the bus; nil: the core's observer is.
    var observe: ((BrokerEvent) -> Void)?

    func planned(with end: CoreEnd) -> SwitchboardPlan.Line {
        var planned = SwitchboardPlan.Line(line, end: end, settings)
        planned.places = places
        planned.box = watch
        planned.units = units
        planned.reads = reads
        planned.readLimit = readLimit
        planned.readLimits = unitLimits
        return planned
    }
}

/// A bus whose port is the world's.
final class CoreEnd: LineEnd {
    let bus: Bus
    private let line: CoreLine

    init(of line: CoreLine, _ timeline: VirtualTimeline, observe: @escaping (BrokerEvent) -> Void) {
        self.line = line
        bus = Bus(
            settings: line.settings, timeline: timeline, link: line.link, observe: line.observe ?? observe)
        line.watch?.next = bus
    }

    var backend: any Backend { bus }

    func apply(_ settings: BusSettings) { bus.apply(settings) }

    func open(_ isReady: @escaping () -> Void) {
        line.open(bus)
        isReady()
    }

    func stop(_ done: @escaping () -> Void) { bus.stop(done) }

    func close(_ done: @escaping () -> Void) {
        line.close(bus)
        done()
    }
}
