internal import Broker
package import NIOCore
internal import NIOSSL

/// A port for clients of Modbus Security: Modbus TCP within TLS 1.2 or 1.3, on both sides with a certificate; what a
/// client may do depends on the role in its own.
///
/// Made and used on the event loop only.
package final class ModbusTLSListener: Listener {
    private static let handshakeTimeout = TimeAmount.seconds(10)

    /// What holds for connections from now on; the others keep theirs.
    package var identity: TLSIdentity
    /// How many connections did not become clients, or may do nothing, by reason.
    package private(set) var refused: [TLSRefusal.Reason: Int] = [:]
    private let host: String
    private let port: Int
    private let handshakeTimeout: TimeAmount
    private let entrance: ClientEntrance
    private let server: TCPServer
    private let report: (TLSRefusal) -> Void

    /// - Parameters:
    ///   - port: 0: the system chooses one.
    ///   - report: told of each connection that does not become a client, and of each client that may do nothing.
    package convenience init(
        host: String, port: Int, identity: TLSIdentity, _ entrance: ClientEntrance,
        report: @escaping (TLSRefusal) -> Void
    ) {
        self.init(
            host: host, port: port, identity: identity, entrance, handshakeTimeout: Self.handshakeTimeout,
            report: report)
    }

    init(
        host: String, port: Int, identity: TLSIdentity, _ entrance: ClientEntrance, handshakeTimeout: TimeAmount,
        report: @escaping (TLSRefusal) -> Void
    ) {
        self.host = host
        self.port = port
        self.identity = identity
        self.entrance = entrance
        self.handshakeTimeout = handshakeTimeout
        self.report = report
        server = TCPServer(entrance)
    }

    /// Those whose handshake is not over included.
    package var connected: Int { server.connected }

    package func start() -> EventLoopFuture<String> {
        server.bind(host: host, port: port) { [weak self] channel in
            guard let self else { throw ChannelError.eof }
            try channel.pipeline.syncOperations.addHandlers([
                NIOSSLServerHandler(context: identity.context), handshake(channel.remoteAddress),
            ])
        }
    }

    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> { server.stopAccepting() }

    package func closeConnections() -> EventLoopFuture<Void> {
        // The end of TLS is sent behind all that was written; who does not answer it is cut off soon.
        server.closeConnections { $0.close() }
    }

    private func handshake(_ peer: SocketAddress?) -> TLSHandshakeHandler {
        TLSHandshakeHandler(
            timeout: handshakeTimeout,
            onRefused: { [weak self] reason, detail in
                self?.note(TLSRefusal(host: peer.host, reason: reason, detail: detail))
            },
            makeHandler: { [weak self, entrance] certificate in
                let client = Client(peer: peer, certificate)
                if let detail = certificate.role.trouble {
                    let detail = PrintableName("\(client.name), \(detail)")?.text
                    self?.note(TLSRefusal(host: peer.host, reason: .role, detail: detail))
                }
                return entrance.handler(of: client, writes: .throughPipeline)
            })
    }

    private func note(_ refusal: TLSRefusal) {
        refused[refusal.reason, default: 0] += 1
        report(refusal)
    }
}

extension Client {
    fileprivate convenience init(peer: SocketAddress?, _ certificate: ClientCertificate) {
        self.init(
            kind: .tls, name: "TLS:\(certificate.name ?? peer.hostAndPort)", address: peer.host,
            rights: certificate.role.rights)
    }
}

extension ClientRole {
    /// Why there are no rights in it.
    fileprivate var trouble: String? {
        switch self {
        case .absent, .readOnly, .readWrite: nil
        case .unknown(let role): "role \(role)"
        case .several: "several roles"
        case .unreadable: "role unreadable"
        }
    }
}
