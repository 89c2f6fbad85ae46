package import NIOCore
internal import NIOPosix

/// The TCP side of a listener: its port, and the connections that were let in.
///
/// Made and used on the event loop only.
package final class TCPServer {
    private static let flushLimit: TimeAmount = .seconds(2)

    private let entrance: ClientEntrance
    private let loop: any EventLoop
    private var server: (any Channel)?
    private var connections: [ObjectIdentifier: any Channel] = [:]

    /// How many connections are there.
    package var connected: Int { connections.count }

    /// - Parameter entrance: lets connections in.
    package init(_ entrance: ClientEntrance) {
        self.entrance = entrance
        loop = entrance.loop
    }

    /// Begins to listen.
    ///
    /// - Parameter setUp: makes a connection ready that was let in; it is closed if that fails.
    /// - Returns: the address that it listens on, with the port that the system chose if that was 0.
    package func bind(
        host: String, port: Int, setUp: @escaping (any Channel) throws -> Void
    ) -> EventLoopFuture<String> {
        let server = NIOLoopBound(self, eventLoop: loop)
        let setUp = NIOLoopBound(setUp, eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOptions(TCPLiveness.keepAlive)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(server.value.entrance.makeAcceptPause())
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try server.value.accept(channel)
                    try setUp.value(channel)
                }
            }
        return entrance.sockets.listen(bootstrap, host: host, port: port, on: loop).map { channel in
            server.value.server = channel
            return channel.localAddress.text
        }
    }

    /// Closes the port; connections stay. Completed when the port is free.
    package func stopAccepting() -> EventLoopFuture<Void> {
        guard let server else { return loop.makeSucceededVoidFuture() }
        self.server = nil
        return server.close().flatMapError { [loop] _ in loop.makeSucceededVoidFuture() }
    }

    /// Closes every connection; completed when all are gone. Who does not fetch what was written is cut off after two
    /// seconds.
    ///
    /// - Parameter close: closes one, after what was written to it has left.
    package func closeConnections(
        _ close: (any Channel) -> EventLoopFuture<Void> = { channel in
            channel.writeAndFlush(ByteBuffer()).flatMap { channel.close() }
        }
    ) -> EventLoopFuture<Void> {
        entrance.noteClosing()
        // In no order, and none matters: each is closed by itself.
        let closing = connections.values.map { channel in
            let limit = loop.scheduleTask(in: Self.flushLimit) { channel.close(mode: .all, promise: nil) }
            channel.closeFuture.whenComplete { _ in limit.cancel() }
            close(channel).whenFailure { _ in channel.close(promise: nil) }
            return channel.closeFuture
        }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    private func accept(_ channel: any Channel) throws {
        let peer = channel.remoteAddress
        guard entrance.enter(peer) else { throw ChannelError.connectTimeout(.zero) }
        connections[ObjectIdentifier(channel)] = channel
        let server = NIOLoopBound(self, eventLoop: loop)
        channel.closeFuture.whenComplete { _ in
            server.value.entrance.leave(peer)
            server.value.connections[ObjectIdentifier(channel)] = nil
        }
    }
}

extension SocketAddress? {
    /// As in messages, such as `127.0.0.1:5020` or `[::1]:5020`.
    package var text: String {
        let host = self?.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(self?.port ?? 0)"
    }
}
