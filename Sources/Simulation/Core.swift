internal import Broker
internal import Modbus
internal import Simulator

/// The core of the broker as the shell puts it together, in virtual time: lines, routers, the limit of queries a second,
/// policies, and the sessions of its clients.
final class Core {
    let timeline: VirtualTimeline
    let clients: ClientSettings
    let buses: [Bus]
    let limit: RateLimit
    private let wayToAll: any Backend
    private let waysToLines: [any Backend]
    private let waysOfDongles: [any Backend]
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
        buses = lines.enumerated().map { index, line in
            Bus(settings: line.settings, timeline: timeline, link: line.link) { [events] in
                events.note($0, ofLine: index)
            }
        }
        let divided = zip(lines, buses).enumerated().map { index, pair in
            pair.0.divide(pair.0.wrap(pair.1), timeline) { [events] in events.note($0, ofLine: index) }
        }
        let allowed = zip(lines, divided).map { $0.policy(before: $1, timeline) }
        let routes = zip(lines, allowed).map { UnitRouter.Route(to: $0.line, $1, units: $0.units) }
        let behind: (any Backend) -> any Backend = { watch?.behind($0) ?? $0 }
        let before: (any Backend) -> any Backend = { watch?.before($0) ?? $0 }
        let router = UnitRouter(routes, timeline: timeline)
        router.allowsBroadcast = allowsBroadcast
        let limit = RateLimit(rate, timeline: timeline, next: behind(router))
        self.limit = limit
        wayToAll = before(limit)
        let way = { (line: CoreLine, backend: any Backend) in
            before(limit.limiting(behind(UnitRouter([.init(to: line.line, backend)], timeline: timeline))))
        }
        waysToLines = zip(lines, allowed).map(way)
        waysOfDongles = zip(lines, divided).map(way)
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

    /// Is told what happens on the lines, by their numbers; without it ``observe`` is.
    var observeLine: ((Int, BrokerEvent) -> Void)? {
        get { events.observeLine }
        set { events.observeLine = newValue }
    }

    func serialSession(
        of client: Client, at entrance: Entrance = .dongle(line: 0), observe: ((BrokerEvent) -> Void)? = nil,
        send: @escaping ([UInt8]) -> Void, discardUnread: @escaping () -> Void = {}
    ) -> SerialClientSession {
        SerialClientSession(
            client: client, backend: policy(entrance), settings: clients, timeline: timeline,
            observe: observe ?? { [events] in events.observe?($0) }, send: send, discardUnread: discardUnread)
    }

    func tcpSession(
        of client: Client, at entrance: Entrance = Entrance(line: nil), send: @escaping (TCPFrame) -> Void
    ) -> TCPClientSession {
        var settings = clients
        settings.answersNewestOnly = entrance.isNewestOnly
        return TCPClientSession(
            client: client, backend: policy(entrance), settings: settings, timeline: timeline,
            observe: { [events] in events.observe?($0) }, send: send)
    }

    private func policy(_ entrance: Entrance) -> AccessPolicy {
        var settings = AccessPolicy.Settings()
        settings.isReadOnly = entrance.isReadOnly
        settings.allowsBroadcast = entrance.allowsBroadcast
        settings.reads = entrance.reads
        let ways = entrance.isDongle ? waysOfDongles : waysToLines
        let next = entrance.line.map { ways[$0] } ?? wayToAll
        return AccessPolicy(settings, timeline: timeline, next: next)
    }
}

/// Breaks the circle between the buses, which need an observer, and the world, which needs the buses.
private final class EventRelay {
    var observe: ((BrokerEvent) -> Void)?
    var observeLine: ((Int, BrokerEvent) -> Void)?

    func note(_ event: BrokerEvent, ofLine index: Int) {
        if let observeLine { observeLine(index, event) } else { observe?(event) }
    }
}

extension Entrance {
    static func dongle(line: Int) -> Entrance {
        var entrance = Entrance(line: line)
        entrance.allowsBroadcast = true
        entrance.isDongle = true
        return entrance
    }
}

extension Client {
    static func dongle(line: Int = 0) -> Client {
        let name = line == 0 ? "SHINE" : "SHINE:\(line)"
        return Client(kind: .dongle, name: name, address: name)
    }
}
