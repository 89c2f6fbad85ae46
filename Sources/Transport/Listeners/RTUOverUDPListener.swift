internal import Broker
internal import Modbus
package import NIOCore

/// A UDP port for clients that speak RTU: a datagram holds the bytes of one frame, or of several.
///
/// Each address and port is a serial client (R5, R6): only its newest request is answered, in one datagram of at most
/// 256 bytes. What ``ModbusUDPListener`` says about senders that are somebody else holds here too; as nothing numbers the
/// requests, the same write once more, soon after its reply, is taken for the reply that came back. Made and used on the
/// event loop only.
package final class RTUOverUDPListener: Listener {
    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let server: UDPServer

    /// - Parameter port: 0: the system chooses one.
    package init(host: String, port: Int, _ entrance: ClientEntrance) {
        self.host = host
        self.port = port
        loop = entrance.loop
        let isRequest = { (datagram: ByteBuffer) in
            RTUOverUDPPeer.holdsRequest(datagram)
        }
        server = UDPServer(
            entrance, isRequest: isRequest,
            answersWrite: { RTUOverUDPPeer.answersWrite($0) }
        ) { RTUOverUDPPeer(entrance, $0, send: $1) }
    }

    package var connected: Int { server.connected }

    package func start() -> EventLoopFuture<String> { server.bind(host: host, port: port) }

    /// Hears nothing more. Who waits for an answer gets it, for three seconds; then the port is let go.
    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> { server.stopAccepting() }

    package func closeConnections() -> EventLoopFuture<Void> {
        server.closeSessions()
        return loop.makeSucceededVoidFuture()
    }
}

/// One client of the port.
final class RTUOverUDPPeer: DatagramPeer {
    private let entrance: ClientEntrance
    private let visit: ClientVisit
    private let client: StreamClient

    init(_ entrance: ClientEntrance, _ address: SocketAddress?, send: @escaping ([UInt8]) -> Void) {
        self.entrance = entrance
        visit = entrance.begin(Client(kind: .rtu, name: "RTU:\(address.hostAndPort)", address: address.host))
        let observe = entrance.observer(of: visit)
        client = StreamClient(
            visit.client, path: entrance.path, settings: entrance.settingsOfRTU, loop: entrance.loop,
            observe: { [weak entrance] event in
                if case .discarded(_, .client, .noise) = event { entrance?.noteInvalid() }
                observe(event)
            }, send: send)
        client.opened()
    }

    var outstanding: Int { client.session?.outstanding ?? 0 }

    func received(_ datagram: ByteBuffer, at instant: Instant) {
        // There is no connection that noise could close.
        _ = client.received(datagram)
    }

    func close(_ reason: String) {
        client.closed()
        entrance.end(visit, reason)
    }

    /// Whether a reply is one to a write: the function is behind the unit.
    static func answersWrite(_ reply: [UInt8]) -> Bool {
        reply.count > 1 && !FunctionCode(rawValue: reply[1]).isRead
    }

    /// Whether there is a request among the bytes; one of unknown layout ends with them.
    static func holdsRequest(_ datagram: ByteBuffer) -> Bool {
        var scanner = RTURequestScanner()
        var findings = scanner.received(datagram.readableBytesView, afterSilence: true)
        if let silence = scanner.awaits { findings += scanner.silence(silence) }
        return findings.contains { if case .request = $0 { true } else { false } }
    }
}
