internal import Broker
internal import Modbus
internal import Simulator

/// The core of the broker in virtual time: the switchboard that ships, and the sessions of its clients.
final class Core {
    let timeline: VirtualTimeline
    let clients: ClientSettings
    let switchboard: Switchboard
    private var plan: SwitchboardPlan
    private var doors: [Door] = []
    /// Those of the first plan.
    let ends: [CoreEnd]
    private let events: EventRelay
    /// For clients of all lines, and for the dongle of the first.
    private lazy var listener = makeDoor(Entrance(line: nil))
    private lazy var dongle = makeDoor(.dongle(line: 0))

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
        switchboard = Switchboard(timeline: timeline) { box, backend in
            switch box {
            case .rateLimit: watch?.before(backend) ?? backend
            case .dispatch: watch?.behind(backend) ?? backend
            case .access, .reads, .division, .end: backend
            }
        }
        let ends = lines.map { line in
            CoreEnd(of: line, timeline) { [events] in events.note($0, of: line.line) }
        }
        self.ends = ends
        switchboard.reports.add(events)
        plan = SwitchboardPlan(
            zip(lines, ends).map { $0.planned(with: $1) }, timeToAnswer: clients.timeToAnswer)
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
    var bus: Bus { ends[0].bus }

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

    /// Makes the end of a line for a plan to come: queries wait for it to open.
    func makeEnd(of line: CoreLine) -> CoreEnd {
        let end = CoreEnd(of: line, timeline) { [events] in events.note($0, of: line.line) }
        end.bus.lineOpening()
        return end
    }

    /// Goes on by other lines, and by what its doors say now.
    func reload(_ lines: [SwitchboardPlan.Line], line: (Int) -> Line?, allowsBroadcast: Bool) {
        plan.lines = lines
        plan.allowsBroadcast = allowsBroadcast
        plan.paths = doors.map { $0.planned(line) }
        switchboard.apply(plan)
    }

    /// A listener, or the port of a dongle.
    func makeDoor(_ entrance: Entrance) -> Door {
        let door = Door(entrance, switchboard.makePath())
        doors.append(door)
        plan.paths.append(door.planned { plan.lines[$0].line })
        switchboard.apply(plan)
        return door
    }

    func serialSession(
        of client: Client, at door: Door? = nil, observe: ((BrokerEvent) -> Void)? = nil,
        send: @escaping ([UInt8]) -> Void, discardUnread: @escaping () -> Void = {}
    ) -> SerialClientSession {
        SerialClientSession(
            client: client, path: (door ?? dongle).path, settings: clients, timeline: timeline,
            observe: observe ?? { [events] in events.observe?($0) }, send: send, discardUnread: discardUnread)
    }

    func tcpSession(
        of client: Client, at door: Door? = nil, send: @escaping (TCPFrame) -> Void
    ) -> TCPClientSession {
        let door = door ?? listener
        var settings = clients
        settings.answersNewestOnly = door.entrance.isNewestOnly
        return TCPClientSession(
            client: client, path: door.path, settings: settings, timeline: timeline,
            observe: { [events] in events.observe?($0) }, send: send)
    }
}

/// Breaks the circle between the buses, which need an observer, and the world, which needs the buses.
private final class EventRelay: ReportObserver {
    var observe: ((BrokerEvent) -> Void)?
    var observeLine: ((Line, BrokerEvent) -> Void)?

    func note(_ event: BrokerEvent, of line: Line) {
        if let observeLine { observeLine(line, event) } else { observe?(event) }
    }

    /// The sessions of a world have observers of their own.
    func note(_ report: Report) {
        if let line = report.line { note(report.event, of: line) }
    }
}

extension Client {
    static func dongle(line: Int = 0) -> Client {
        let name = line == 0 ? "SHINE" : "SHINE:\(line)"
        return Client(kind: .dongle, name: name, address: name)
    }
}
