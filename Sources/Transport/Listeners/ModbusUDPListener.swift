internal import Broker
internal import Modbus
package import NIOCore

/// A UDP port for Modbus clients: each datagram is one frame of Modbus TCP, header included, and so is each reply.
///
/// Each address and port is a client. UDP says nothing about whether a sender's address is true: somebody can let
/// replies go to somebody else. There is at most one for each request, of at most 260 bytes to one of 12, and 16
/// requests wait at most, which are answered at the pace of the line: that is no amplifier worth having. It can also
/// take all places for clients for a minute: where strangers can send, rules for addresses have to keep them out. What
/// was sent to a client is no request of it if it comes back soon. Made and used on the event loop only.
package final class ModbusUDPListener: Listener {
    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let server: UDPServer

    /// - Parameter port: 0: the system chooses one.
    package init(host: String, port: Int, _ entrance: ClientEntrance) {
        self.host = host
        self.port = port
        loop = entrance.loop
        server = UDPServer(
            entrance, isRequest: { TCPFrame(datagram: $0) != nil },
            answersWrite: { ModbusUDPPeer.answersWrite($0) }
        ) { ModbusUDPPeer(entrance, $0, send: $1) }
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
final class ModbusUDPPeer: DatagramPeer {
    private let entrance: ClientEntrance
    private let visit: ClientVisit
    private let session: TCPClientSession

    init(_ entrance: ClientEntrance, _ address: SocketAddress?, send: @escaping ([UInt8]) -> Void) {
        self.entrance = entrance
        visit = entrance.begin(Client(kind: .udp, name: "UDP:\(address.hostAndPort)", address: address.host))
        session = TCPClientSession(
            client: visit.client, path: entrance.path, settings: entrance.settings,
            timeline: EventLoopTimeline(entrance.loop), observe: entrance.observer(of: visit), send: { send($0.bytes) })
    }

    var outstanding: Int { session.outstanding }

    func received(_ datagram: ByteBuffer, at instant: Instant) {
        guard let frame = TCPFrame(datagram: datagram), !isRTU(datagram) else { return entrance.noteInvalid() }
        guard session.hasRoom else { return entrance.noteDropped() }
        session.received(frame, arrived: instant)
    }

    /// A request of Modbus TCP without data, 8 bytes, is as long as a read of RTU.
    private func isRTU(_ datagram: ByteBuffer) -> Bool {
        datagram.readableBytes == 8 && entrance.isRTU(Array(datagram.readableBytesView))
    }

    func close(_ reason: String) {
        session.close()
        entrance.end(visit, reason)
    }

    /// Whether a reply is one to a write: the function is behind the seven bytes of the header.
    static func answersWrite(_ reply: [UInt8]) -> Bool {
        reply.count > 7 && !FunctionCode(rawValue: reply[7]).isRead
    }
}
