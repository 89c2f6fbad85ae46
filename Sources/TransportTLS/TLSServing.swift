internal import Broker
internal import Glibc
package import NIOCore
internal import NIOSSL
package import Transport

/// What clients of Modbus Security speak: Modbus TCP within TLS 1.2 or 1.3, on both sides with a certificate; what a
/// client may do depends on the role in its own.
///
/// Made and used on the event loop only.
package final class TLSServing: StreamServing {
    private static let handshakeTimeout = TimeAmount.seconds(10)

    /// What holds for connections from now on.
    private var identity: TLSIdentity
    /// How many connections did not become clients, may do nothing, or had to go, by reason.
    package private(set) var refused: [TLSRefusal.Reason: Int] = [:]
    private let handshakeTimeout: TimeAmount
    private let clock: TLSClock
    private let report: (TLSRefusal) -> Void
    private var connections: [ObjectIdentifier: TLSConnection] = [:]

    /// - Parameter report: told of each connection that does not become a client, of each client that may do nothing, and
    ///   of each that has to go.
    package convenience init(_ identity: TLSIdentity, report: @escaping (TLSRefusal) -> Void) {
        self.init(
            identity, handshakeTimeout: Self.handshakeTimeout,
            clock: TLSClock(now: { time(nil) }, longestWait: .hours(1)), report: report)
    }

    init(
        _ identity: TLSIdentity, handshakeTimeout: TimeAmount, clock: TLSClock, report: @escaping (TLSRefusal) -> Void
    ) {
        self.identity = identity
        self.handshakeTimeout = handshakeTimeout
        self.clock = clock
        self.report = report
    }

    /// The connection counts as connected from now on, but is a client only after the handshake.
    package func serve(_ channel: any Channel, _ entrance: ClientEntrance) throws {
        let connection = TLSConnection(channel, authorities: identity.authorities)
        try channel.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: identity.context()), handshake(of: connection, entrance),
        ])
        let id = ObjectIdentifier(channel)
        connections[id] = connection
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            connection.closed()
            self?.connections[id] = nil
        }
    }

    /// The end of TLS is sent behind all that was written.
    package func close(_ channel: any Channel) -> EventLoopFuture<Void> { channel.close() }

    /// Goes on by other files. Connections stay, but for those that came in while there was an authority that is none any
    /// more: by which of them a client came is not known.
    package func take(_ identity: TLSIdentity) {
        self.identity = identity
        for connection in connections.values where !connection.authorities.isSubset(of: identity.authorities) {
            end(connection, .lockedOut)
        }
    }

    private func handshake(of connection: TLSConnection, _ entrance: ClientEntrance) -> TLSHandshakeHandler {
        TLSHandshakeHandler(
            timeout: handshakeTimeout, now: clock.now,
            onRefused: { [weak self] reason, detail in
                self?.note(TLSRefusal(host: connection.peer.host, reason: reason, detail: detail))
            },
            makeHandler: { [weak self] certificate in
                guard let self else { throw ChannelError.eof }
                return try admit(connection, certificate, entrance)
            })
    }

    private func admit(
        _ connection: TLSConnection, _ shown: NIOSSLCertificate, _ entrance: ClientEntrance
    ) throws -> any ChannelHandler {
        let certificate = ClientCertificate(der: try shown.toDERBytes())
        let client = Client(peer: connection.peer, certificate)
        if let detail = certificate.role.trouble {
            let detail = PrintableName("\(client.name), \(detail)")?.text
            note(TLSRefusal(host: client.address, reason: .role, detail: detail))
        }
        let visit = entrance.begin(client)
        connection.admit(visit, until: shown.notValidAfter, clock) { [weak self, weak connection] in
            if let connection { self?.end(connection, .outlived) }
        }
        return entrance.handler(of: visit, failure: Self.text(of:))
    }

    /// Why a connection has failed.
    static func text(of error: any Error) -> String {
        guard case NIOSSLError.uncleanShutdown = error else { return DialFailure.text(of: error) }
        return "cut off, without the end of TLS"
    }

    private func end(_ connection: TLSConnection, _ reason: TLSRefusal.Reason) {
        // Whoever is in its handshake may come again, and be told then.
        if let visit = connection.visit {
            visit.explain(reason.rawValue)
            note(TLSRefusal(host: connection.peer.host, reason: reason, detail: visit.client.name))
        }
        connection.close()
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
