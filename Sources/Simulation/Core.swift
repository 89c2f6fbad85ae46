internal import Broker
internal import Modbus
internal import Simulator

/// The core of the broker in virtual time: the switchboard that ships, and the sessions of its clients.
final class Core {
    let timeline: VirtualTimeline
    let clients: ClientSettings
    let buses: [Bus]
    let switchboard: Switchboard
    private var plan: SwitchboardPlan
    /// The path of each kind of entrance that a client has used.
    private var paths: [(entrance: Entrance, path: AccessPath)] = []
    private let events: EventRelay

    /// - Parameters:
    ///   - allowsBroadcast: whether a write to a unit that is 0 on its line is sent there.
    ///   - watch: sees what comes to the limit, and what passes it.
    init(
        _ lines: [CoreLine], clients: ClientSettings, timeline: VirtualTimeline, rate: Double? = nil,
        allowsBroadcast: Bool = false, watch: RateWatch? = nil
    ) {
        self.timeline = timeline
        self.clients = clients
        let events = EventRelay()
        self.events = events
        let buses = lines.map { line in
            Bus(settings: line.settings, timeline: timeline, link: line.link) { [events] in
                events.note($0, of: line.line)
            }
        }
        self.buses = buses
        var observer = Switchboard.Observer()
        observer.note = { [events] in events.note($0, of: $1) }
        switchboard = Switchboard(timeline: timeline, observer: observer) { box, backend in
            switch box {
            case .rateLimit: watch?.before(backend) ?? backend
            case .dispatch: watch?.behind(backend) ?? backend
            case .access, .reads, .division, .end: backend
            }
        }
        plan = SwitchboardPlan(zip(lines, buses).map { $0.planned(with: $1) })
        plan.rate = rate
        plan.allowsBroadcast = allowsBroadcast
        switchboard.apply(plan)
    }

    /// One line that takes every unit.
    convenience init(bus: BusSettings, clients: ClientSettings, timeline: VirtualTimeline, link: any BusLink) {
        let line = CoreLine(line: Line(name: "line"), settings: bus, link: link)
        self.init([line], clients: clients, timeline: timeline)
    }

    /// The first line.
    var bus: Bus { buses[0] }

    /// Is told what happens, of every client that has no observer of its own.
    var observe: ((BrokerEvent) -> Void)? {
        get { events.observe }
        set { events.observe = newValue }
    }

    /// Is told what happens on the lines; without it ``observe`` is.
    var observeLine: ((Line, BrokerEvent) -> Void)? {
        get { events.observeLine }
        set { events.observeLine = newValue }
    }

    /// Another limit of queries a second.
    var rate: Double? {
        get { plan.rate }
        set {
            plan.rate = newValue
            switchboard.apply(plan)
        }
    }

    func serialSession(
        of client: Client, at entrance: Entrance = .dongle(line: 0), observe: ((BrokerEvent) -> Void)? = nil,
        send: @escaping ([UInt8]) -> Void, discardUnread: @escaping () -> Void = {}
    ) -> SerialClientSession {
        SerialClientSession(
            client: client, path: path(of: entrance), settings: clients, timeline: timeline,
            observe: observe ?? { [events] in events.observe?($0) }, send: send, discardUnread: discardUnread)
    }

    func tcpSession(
        of client: Client, at entrance: Entrance = Entrance(line: nil), send: @escaping (TCPFrame) -> Void
    ) -> TCPClientSession {
        var settings = clients
        settings.answersNewestOnly = entrance.isNewestOnly
        return TCPClientSession(
            client: client, path: path(of: entrance), settings: settings, timeline: timeline,
            observe: { [events] in events.observe?($0) }, send: send)
    }

    private func path(of entrance: Entrance) -> AccessPath {
        if let known = paths.first(where: { $0.entrance == entrance }) { return known.path }
        let path = switchboard.makePath()
        paths.append((entrance, path))
        plan.paths.append(
            .init(path, entrance.access, line: entrance.line.map { plan.lines[$0].line }))
        switchboard.apply(plan)
        return path
    }
}

/// One line, as it is put in.
struct CoreLine {
    let line: Line
    let settings: BusSettings
    let link: any BusLink
    var units: [UnitIdentifier: UnitIdentifier]?
    /// What clients may read of it.
    var reads = ReadRules()
    /// The most registers of a read, and of single units.
    var readLimit: UInt16?
    var unitLimits: [UnitIdentifier: UInt16] = [:]
    /// Stands in front of the bus.
    var watch: QueueWatch?
    /// Opens the port.
    var open: (Bus) -> Void = { _ in }

    fileprivate func planned(with bus: Bus) -> SwitchboardPlan.Line {
        watch?.next = bus
        var planned = SwitchboardPlan.Line(line, end: BusEnd(bus, open: open))
        planned.bus = settings
        planned.box = watch
        planned.units = units
        planned.reads = reads
        planned.readLimit = readLimit
        planned.readLimits = unitLimits
        return planned
    }
}

/// A bus whose port is the world's.
private final class BusEnd: LineEnd {
    private let bus: Bus
    private let opening: (Bus) -> Void

    init(_ bus: Bus, open: @escaping (Bus) -> Void) {
        self.bus = bus
        opening = open
    }

    var backend: any Backend { bus }

    func apply(_ settings: BusSettings) { bus.apply(settings) }

    func open(_ isReady: @escaping () -> Void) {
        opening(bus)
        isReady()
    }

    func stop(_ done: @escaping () -> Void) { bus.stop(done) }

    func close(_ done: @escaping () -> Void) { done() }
}

/// Breaks the circle between the buses, which need an observer, and the world, which needs the buses.
private final class EventRelay {
    var observe: ((BrokerEvent) -> Void)?
    var observeLine: ((Line, BrokerEvent) -> Void)?

    func note(_ event: BrokerEvent, of line: Line) {
        if let observeLine { observeLine(line, event) } else { observe?(event) }
    }
}

extension Entrance {
    static func dongle(line: Int) -> Entrance {
        var entrance = Entrance(line: line)
        entrance.allowsBroadcast = true
        entrance.isDongle = true
        return entrance
    }

    fileprivate var access: AccessPolicy.Settings {
        var settings = AccessPolicy.Settings()
        settings.isReadOnly = isReadOnly
        settings.allowsBroadcast = allowsBroadcast
        settings.reads = reads
        return settings
    }
}

extension Client {
    static func dongle(line: Int = 0) -> Client {
        let name = line == 0 ? "SHINE" : "SHINE:\(line)"
        return Client(kind: .dongle, name: name, address: name)
    }
}
