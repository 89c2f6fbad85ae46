internal import Broker
internal import Endpoints
internal import Logging
internal import Modbus
internal import NIOCore
internal import SerialLine
internal import Settings
internal import Transport
internal import TransportTLS

/// Makes listeners of all kinds, with the way of their clients. On the event loop only.
final class ListenerMaking {
    private let environment: GatewayEnvironment
    private let admission: ClientAdmission
    /// What holds for clients of listeners that are made from now on.
    var clients: ClientSettings
    /// How many TLS connections did not become clients, at listeners of now and of before.
    private(set) var handshakesRefused = 0

    init(
        clients: ClientSettings, admission: ClientAdmission, _ environment: GatewayEnvironment
    ) {
        self.clients = clients
        self.admission = admission
        self.environment = environment
    }

    var loop: any EventLoop { environment.loop }

    /// - Returns: a listener that has not begun to listen; its clients have no way to any line yet.
    /// - Throws: ``GatewayError/cannotListen(_:reason:)`` for a kind that there is none of.
    func make(_ settings: GatewayConfiguration.Listener) throws -> (any Listener, ListenerDoor?) {
        if case .sniff(let place) = settings.kind {
            let feed = SniffFeed(
                host: place.host, port: place.port, log: environment.observers.logs.log, rules: settings.rules,
                admission: admission, sockets: environment.sockets, loop: loop)
            return (feed, nil)
        }
        let path = environment.switchboard.makePath(settings.kind.text)
        let entrance = makeEntrance(settings, path)
        if case .tls(let place) = settings.kind, let identity = settings.identity {
            return secure(place, settings, identity, path, entrance)
        }
        let listener = try environment.ports.listener(settings, entrance) { [logger = environment.logger] in
            logger.warning("\($0)")
        }
        return (listener, ListenerDoor(settings, path, entrance))
    }

    private func makeEntrance(_ settings: GatewayConfiguration.Listener, _ path: AccessPath) -> ClientEntrance {
        let kind = settings.kind
        let entrance = ClientEntrance(
            name: kind.text, path: path, settings: settings.manners.of(clients), rules: settings.rules,
            admission: admission, sockets: environment.sockets, loop: loop, observe: environment.switchboard.observe)
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
        let serving = TLSServing(identity) { [weak self, reports = environment.switchboard.reports] refusal in
            if refusal.reason.isOfHandshake { self?.handshakesRefused += 1 }
            let reason = refusal.reason.rawValue
            reports.note(.admission(.refusedSecurity(reason: reason, host: refusal.source, at: name)), of: nil)
        }
        let tell = { [logger = environment.logger] (identity: TLSIdentity) in
            for note in identity.notes { logger.warning("\(name): \(note)") }
        }
        tell(identity)
        let door = ListenerDoor(settings, path, entrance) { identity in
            serving.take(identity)
            tell(identity)
        }
        return (StreamListener(host: place.host, port: place.port, entrance, serving), door)
    }
}

/// Advice about a client that sends RTU to a Modbus TCP listener, or the other way round.
enum FramingAdvice {
    /// One line; nil: the client's first bytes show no other framing.
    ///
    /// - Parameters:
    ///   - host: of the client.
    ///   - kind: of a listener for network clients.
    static func text(_ bytes: [UInt8], from host: String, at kind: ListenerSettings.Kind) -> String? {
        guard ForeignSpeech(fromClient: bytes, hasTransactions: !kind.isOfRTU) != nil else { return nil }
        let (sent, awaited) = kind.isOfRTU ? ("Modbus TCP", "RTU frames") : ("RTU frames", "Modbus TCP")
        let right = "--\(kind.isOfRTU ? "" : "rtu-")\(kind.isOfDatagrams ? "udp" : "tcp") HOST:PORT"
        return
            "\(kind.text): \(host) sends \(sent), and this listener takes \(awaited): set the client to \(awaited), or give it a listener for \(sent) (\(right))"
    }
}
