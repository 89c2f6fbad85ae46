package import Broker
internal import Glibc
internal import Modbus
package import NIOCore
internal import NIOPosix

/// A TCP port for Modbus clients: any number of connections up to a limit, which further ones are refused at.
///
/// Made and used on the event loop only.
package final class ModbusTCPListener {
    private let admission: ClientAdmission
    private let loop: any EventLoop
    private let backend: any Backend
    /// What holds for connections that come from now on.
    package var settings: ClientSettings
    private let observe: (BrokerEvent) -> Void
    private var server: (any Channel)?
    private var connections: [ObjectIdentifier: any Channel] = [:]
    /// How many clients are connected.
    package var connected: Int { connections.count }
    /// Connections closed because their bytes were no Modbus.
    package private(set) var invalid = 0

    /// - Parameter admission: counts the clients of all listeners together.
    package init(
        backend: any Backend, settings: ClientSettings, admission: ClientAdmission, loop: any EventLoop,
        observe: @escaping (BrokerEvent) -> Void
    ) {
        self.backend = backend
        self.settings = settings
        self.admission = admission
        self.loop = loop
        self.observe = observe
    }

    /// Begins to listen.
    ///
    /// - Returns: the address that it listens on, with the port that the system chose if that was 0.
    package func bind(host: String, port: Int) -> EventLoopFuture<SocketAddress?> {
        let listener = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // A peer that has vanished is found after two minutes.
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 15)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 4)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try listener.value.accept(channel) }
            }
            .bind(host: host, port: port)
            .map { channel in
                listener.value.server = channel
                return channel.localAddress
            }
    }

    /// Listens no more; what is connected stays.
    ///
    /// - Returns: completed when the address is free.
    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> {
        guard let server else { return loop.makeSucceededVoidFuture() }
        self.server = nil
        return server.close().flatMapError { [loop] _ in loop.makeSucceededVoidFuture() }
    }

    /// Closes every connection, after what was written to it has left.
    package func closeConnections() -> EventLoopFuture<Void> {
        let closing = connections.values.map { channel in
            channel.writeAndFlush(ByteBuffer()).flatMap { channel.close() }.flatMapError { _ in
                channel.eventLoop.makeSucceededVoidFuture()
            }
        }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    private func accept(_ channel: any Channel) throws {
        guard admission.enter() else { throw ChannelError.connectTimeout(.zero) }
        connections[ObjectIdentifier(channel)] = channel
        let listener = NIOLoopBound(self, eventLoop: loop)
        channel.closeFuture.whenComplete { _ in
            listener.value.admission.leave()
            listener.value.connections[ObjectIdentifier(channel)] = nil
        }
        let client = Client(kind: .tcp, peer: channel.remoteAddress)
        let timeline = EventLoopTimeline(loop)
        let handler = ModbusTCPHandler(timeline: timeline, onInvalid: { [weak self] in self?.invalid += 1 }) {
            [backend, settings, observe] send in
            TCPClientSession(
                client: client, backend: backend, settings: settings, timeline: timeline, observe: observe, send: send)
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}

extension Client {
    fileprivate convenience init(kind: Kind, peer: SocketAddress?) {
        let address = peer?.ipAddress ?? "?"
        // An IPv4 client of a listener for both is the same host as at one for IPv4.
        let mapped = "::ffff:"
        let host =
            address.hasPrefix(mapped) && address.contains(".") ? String(address.dropFirst(mapped.count)) : address
        self.init(kind: kind, name: "TCP:\(host):\(peer?.port ?? 0)", address: host)
    }
}
