internal import Broker
internal import Endpoints
internal import Logging
internal import NIOCore
internal import SerialLine
internal import Settings
internal import Transport
internal import TransportTLS

/// Makes listeners of all kinds, with the way of their clients. On the event loop only.
final class ListenerMaking {
    private let environment: GatewayEnvironment
    private let visits: ClientLog
    private let admission: ClientAdmission
    /// What holds for clients of listeners that are made from now on.
    var clients: ClientSettings
    /// How many TLS connections did not become clients, at listeners of now and of before.
    private(set) var handshakesRefused = 0

    init(
        clients: ClientSettings, admission: ClientAdmission, _ environment: GatewayEnvironment, _ visits: ClientLog
    ) {
        self.clients = clients
        self.admission = admission
        self.environment = environment
        self.visits = visits
    }

    var loop: any EventLoop { environment.loop }

    /// - Returns: a listener that has not begun to listen; its clients have no way to any line yet.
    /// - Throws: ``GatewayError/cannotListen(_:reason:)`` for a kind that there is none of.
    func make(_ settings: GatewayConfiguration.Listener) throws -> (any Listener, ListenerDoor?) {
        if case .sniff(let place) = settings.kind {
            let feed = SniffFeed(
                host: place.host, port: place.port, log: environment.observers.log, rules: settings.rules,
                admission: admission, sockets: environment.sockets, loop: loop)
            return (feed, nil)
        }
        let path = makePath(settings)
        let entrance = makeEntrance(settings, path)
        if case .tls(let place) = settings.kind, let identity = settings.identity {
            return secure(place, settings, identity, path, entrance)
        }
        return (try listener(settings, entrance), ListenerDoor(settings, path, entrance))
    }

    private func makePath(_ settings: GatewayConfiguration.Listener) -> AccessPath {
        let path = environment.switchboard.makePath()
        let (observers, refusals, name) = (environment.observers, environment.refusals, settings.kind.text)
        path.policy.whenRefused = { [weak switchboard = environment.switchboard] query, refusal in
            if case .forbiddenRegister(let register) = refusal {
                observers.noteForbidden(query, register: register, of: switchboard?.line(of: query))
            } else {
                refusals.note(refusal, of: query, at: name)
            }
        }
        return path
    }

    private func makeEntrance(_ settings: GatewayConfiguration.Listener, _ path: AccessPath) -> ClientEntrance {
        let (observers, refusals) = (environment.observers, environment.refusals)
        let entrance = ClientEntrance(
            path: path, settings: settings.manners.of(clients), rules: settings.rules, admission: admission,
            sockets: environment.sockets, loop: loop,
            observe: { [switchboard = environment.switchboard] event in
                observers.note(event, of: event.query.flatMap { switchboard.line(of: $0) })
                guard let client = event.clientOfLateTurn else { return }
                refusals.note(
                    "a request, for its turn came too late: the line has more to do than it can", by: client.address)
            })
        let kind = settings.kind
        entrance.whenVisited = { [visits] in visits.note($0, at: kind.text) }
        entrance.whenFirst = { [notices = environment.notices] bytes, host in
            if let advice = FramingAdvice.text(bytes, from: host, at: kind) { notices.note(advice) }
        }
        return entrance
    }

    private func secure(
        _ place: HostPort, _ settings: GatewayConfiguration.Listener, _ identity: TLSIdentity, _ path: AccessPath,
        _ entrance: ClientEntrance
    ) -> (any Listener, ListenerDoor) {
        let name = settings.kind.text
        let listener = ModbusTLSListener(
            host: place.host, port: place.port, identity: identity, entrance
        ) { [weak self, refusals = environment.refusals] refusal in
            if refusal.reason.isOfHandshake { self?.handshakesRefused += 1 }
            refusals.note("\(name): a client: \(refusal.reason.rawValue)", by: refusal.source)
        }
        let tell = { [logger = environment.logger] (identity: TLSIdentity) in
            for note in identity.notes { logger.warning("\(name): \(note)") }
        }
        tell(identity)
        let door = ListenerDoor(settings, path, entrance) { identity in
            listener.take(identity)
            tell(identity)
        }
        return (listener, door)
    }

    private func listener(
        _ settings: GatewayConfiguration.Listener, _ entrance: ClientEntrance
    ) throws -> any Listener {
        switch settings.kind {
        case .tcp(let place): return ModbusTCPListener(host: place.host, port: place.port, entrance)
        case .rtuTCP(let place): return RTUOverTCPListener(host: place.host, port: place.port, entrance)
        case .udp(let place): return ModbusUDPListener(host: place.host, port: place.port, entrance)
        case .rtuUDP(let place): return RTUOverUDPListener(host: place.host, port: place.port, entrance)
        case .pty(let path):
            return PseudoTerminalListener(path: path, access: PseudoTerminalAccess(settings.node), entrance) {
                [logger = environment.logger] in
                logger.warning("\($0)")
            }
        case .tls, .sniff, .none:
            throw GatewayError.cannotListen(settings.kind.text, reason: "there is no such listener")
        }
    }
}

extension BrokerEvent {
    /// What a client's request is about; nil: it is about none.
    fileprivate var query: Query? {
        switch self {
        case .request(let query): query
        case .finished(let exchange, _): exchange.query
        default: nil
        }
    }

    /// Called for a client whose request got 0x06 because its turn came too late (R8).
    fileprivate var clientOfLateTurn: Client? {
        guard case .finished(let exchange, .delivered) = self, case .failure(.expired) = exchange.result else {
            return nil
        }
        return exchange.query.client
    }
}
