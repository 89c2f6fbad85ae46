internal import Broker
internal import Modbus
internal import Simulator

/// The core of the broker as the shell puts it together, in virtual time: bus, policy, and the sessions of its clients.
final class Core {
    let timeline: VirtualTimeline
    let clients: ClientSettings
    let bus: Bus
    private let programs: AccessPolicy
    private let dongle: AccessPolicy
    private let events = EventRelay()

    /// - Parameter wrap: puts something around the bus, in front of the policy; it keeps the bus alive.
    init(
        bus settings: BusSettings, clients: ClientSettings, timeline: VirtualTimeline, link: any BusLink,
        wrap: (Bus) -> any Backend = { $0 }
    ) {
        self.timeline = timeline
        self.clients = clients
        bus = Bus(settings: settings, timeline: timeline, link: link) { [events] in events.observe?($0) }
        let backend = wrap(bus)
        programs = AccessPolicy(.init(), timeline: timeline, next: backend)
        var settings = AccessPolicy.Settings()
        settings.allowsBroadcast = true
        dongle = AccessPolicy(settings, timeline: timeline, next: backend)
    }

    /// Is told what happens on the line, and to every client that has no observer of its own.
    var observe: ((BrokerEvent) -> Void)? {
        get { events.observe }
        set { events.observe = newValue }
    }

    func serialSession(
        of client: Client, observe: ((BrokerEvent) -> Void)? = nil, send: @escaping ([UInt8]) -> Void
    ) -> SerialClientSession {
        SerialClientSession(
            client: client, backend: dongle, settings: clients, timeline: timeline,
            observe: observe ?? { [events] in events.observe?($0) }, send: send)
    }

    func tcpSession(of client: Client, send: @escaping (TCPFrame) -> Void) -> TCPClientSession {
        TCPClientSession(
            client: client, backend: programs, settings: clients, timeline: timeline,
            observe: { [events] in events.observe?($0) }, send: send)
    }
}

/// Breaks the circle between the bus, which needs an observer, and the world, which needs the bus.
private final class EventRelay {
    var observe: ((BrokerEvent) -> Void)?
}

extension Client {
    static func dongle() -> Client { Client(kind: .dongle, name: "SHINE", address: "SHINE") }
}
