internal import Endpoints
internal import NIOCore
internal import NIOPosix
internal import SerialLine
internal import Settings
internal import Transport

/// What a gateway has outside of its event loop: ports, listeners, and threads for work that blocks. Tests have their own.
///
/// Called on the event loop only. TLS listeners and feeds of the traffic are not among them: they are always the system's.
protocol GatewayPorts {
    /// A line that has silences between frames is woken so much too early, and waits for the exact instant without sleeping.
    /// On a loop whose time stands still it must be 0.
    var lead: Duration { get }

    /// What moves the bytes of a line.
    ///
    /// - Throws: `PortError` for an endpoint that no line has.
    func carrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance?
    ) throws -> any Carrier

    /// What moves the bytes of a dongle; it can ask whether a firmware update goes on.
    func dongleCarrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance,
        isLent: @escaping () -> Bool
    ) -> any Carrier

    /// A listener for Modbus, without TLS.
    ///
    /// - Parameter report: told about trouble, one line each.
    /// - Throws: ``GatewayError/cannotListen(_:reason:)`` for a kind that there is none of.
    func listener(
        _ settings: GatewayConfiguration.Listener, _ entrance: ClientEntrance, report: @escaping (String) -> Void
    ) throws -> any Listener

    /// The far end of a port that programs open by a name.
    ///
    /// - Throws: what is wrong with the name.
    func simulatedEnd(_ loop: any EventLoop, link: String) throws -> any SimulatedEnd

    /// Does work that blocks on another thread; what comes of it is told on the loop.
    func elsewhere<Value: Sendable>(
        _ loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value>
}

/// The system's ports.
struct SystemPorts: GatewayPorts {
    /// Enough for most wake-ups, and little beside the silence between two frames.
    let lead: Duration = .microseconds(150)

    func carrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance?
    ) throws -> any Carrier {
        try port.carrier(loop: loop, registry: registry, entrance)
    }

    func dongleCarrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance,
        isLent: @escaping () -> Bool
    ) -> any Carrier {
        port.dongleCarrier(loop: loop, registry: registry, entrance, isLent: isLent)
    }

    func listener(
        _ settings: GatewayConfiguration.Listener, _ entrance: ClientEntrance, report: @escaping (String) -> Void
    ) throws -> any Listener {
        switch settings.kind {
        case .tcp(let place): return StreamListener(host: place.host, port: place.port, entrance, Framing.mbap)
        case .rtuTCP(let place): return StreamListener(host: place.host, port: place.port, entrance, Framing.rtu)
        case .udp(let place): return DatagramListener(host: place.host, port: place.port, entrance, .mbap)
        case .rtuUDP(let place): return DatagramListener(host: place.host, port: place.port, entrance, .rtu)
        case .pty(let path):
            let access = PseudoTerminalAccess(settings.node)
            return PseudoTerminalListener(path: path, access: access, entrance, report: report)
        case .tls, .sniff, .none:
            throw GatewayError.cannotListen(settings.kind.text, reason: "there is no such listener")
        }
    }

    func simulatedEnd(_ loop: any EventLoop, link: String) throws -> any SimulatedEnd {
        try SimulatedPort(loop, link: link)
    }

    func elsewhere<Value: Sendable>(
        _ loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        NIOThreadPool.singleton.runIfActive(eventLoop: loop, work)
    }
}
