package import Broker
internal import Endpoints
package import NIOCore
internal import SerialLine

extension Port {
    /// The way of a bus to its units.
    ///
    /// - Parameters:
    ///   - settings: of the bus.
    ///   - entrance: for a server that dials in; nil: none can.
    ///   - report: told about the port, after the bus.
    /// - Throws: ``PortError`` for an endpoint that no line has.
    package func link(
        _ settings: BusSettings, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance? = nil,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (CarrierEvent) -> Void
    ) throws -> FramedLink {
        link(over: try carrier(loop: loop, registry: registry, entrance), settings, observe: observe, report: report)
    }

    /// The same over another carrier than the port's own.
    package func link(
        over carrier: any Carrier, _ settings: BusSettings, observe: @escaping (BrokerEvent) -> Void,
        report: @escaping (CarrierEvent) -> Void
    ) -> FramedLink {
        FramedLink(
            carrier, hasTransactions ? .mbap : .rtu, ignoresIdentifiers: settings.ignoresTransactions,
            observe: observe, report: report)
    }

    /// What moves the bytes of a line at this port.
    ///
    /// - Parameter entrance: for a server that dials in; nil: none may.
    /// - Throws: ``PortError`` for an endpoint that no line has.
    package func carrier(
        loop: any EventLoop, registry: PortRegistry, _ entrance: ServerEntrance?
    ) throws -> any Carrier {
        switch self {
        case .serial(let path, let serial):
            return SerialCarrier(path: path, settings: serial, loop: loop, registry: registry)
        case .server(.rtuOverTCP(let address)), .server(.modbusTCP(let address)):
            return TCPCarrier(host: address.host, port: address.port, loop: loop)
        case .server(.rtuOverUDP(let address)), .server(.modbusUDP(let address)):
            return UDPCarrier(host: address.host, port: address.port, loop: loop)
        case .server(.listeningTCP(let address)):
            guard let entrance else { throw PortError(endpoint: "\(self)") }
            return ListeningCarrier(host: address.host, port: address.port, entrance, loop: loop)
        case .server(let endpoint):
            throw PortError(endpoint: "\(endpoint)")
        }
    }
}

extension Port {
    /// What moves the bytes of a dongle at this port.
    ///
    /// - Parameters:
    ///   - entrance: for a serial server that dials in.
    ///   - isLent: whether a firmware update goes on.
    package func dongleCarrier(
        loop: any EventLoop, registry: PortRegistry, _ entrance: ServerEntrance, isLent: @escaping () -> Bool
    ) -> any Carrier {
        switch self {
        case .serial(let path, let serial):
            return SerialCarrier(path: path, settings: serial, loop: loop, registry: registry)
        case .server(.listeningRTUOverTCP(let address)):
            return ListeningDongleCarrier(
                host: address.host, port: address.port, entrance, loop: loop, isLent: isLent)
        case .server(let endpoint):
            let address = endpoint.address ?? HostPort(host: "", port: 0)
            // It is the server that would set the pace, if it closed behind each request.
            return TCPCarrier(
                host: address.host, port: address.port, pauseAfterUse: Reopening.firstPause, loop: loop)
        }
    }
}

/// No line can be at this endpoint.
package struct PortError: Error, CustomStringConvertible {
    package let endpoint: String

    package var description: String { "cannot connect to \(endpoint): no line can be there" }
}
