package import NIOCore
internal import NIOPosix

/// What the connections of a ``StreamListener`` speak. Used on the event loop only.
package protocol StreamServing {
    /// Makes a connection ready that was let in; it is closed if that fails.
    func serve(_ channel: any Channel, _ entrance: ClientEntrance) throws

    /// Closes a connection, after what was written to it has left.
    func close(_ channel: any Channel) -> EventLoopFuture<Void>
}

extension StreamServing {
    package func close(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.writeAndFlush(ByteBuffer()).flatMap { channel.close() }
    }
}

/// A TCP port for clients: any number of connections up to a limit, which further ones are refused at.
///
/// Made and used on the event loop only.
package final class StreamListener: Listener {
    private static let flushLimit: TimeAmount = .seconds(2)

    private let host: String
    private let port: Int
    private let entrance: ClientEntrance
    private let serving: any StreamServing
    private let loop: any EventLoop
    private var server: (any Channel)?
    private var connections: [ObjectIdentifier: any Channel] = [:]

    /// - Parameters:
    ///   - port: 0: the system chooses one.
    ///   - entrance: lets connections in.
    ///   - serving: a ``Framing``, or what stands in front of one.
    package init(host: String, port: Int, _ entrance: ClientEntrance, _ serving: any StreamServing) {
        self.host = host
        self.port = port
        self.entrance = entrance
        self.serving = serving
        loop = entrance.loop
    }

    package var connected: Int { connections.count }

    package func start() -> EventLoopFuture<String> {
        let listener = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOptions(TCPLiveness.keepAlive)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(listener.value.entrance.makeAcceptPause())
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try listener.value.accept(channel) }
            }
        return entrance.sockets.listen(bootstrap, host: host, port: port, on: loop).map { channel in
            listener.value.server = channel
            return channel.localAddress.text
        }
    }

    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> {
        guard let server else { return loop.makeSucceededVoidFuture() }
        self.server = nil
        return server.close().flatMapError { [loop] _ in loop.makeSucceededVoidFuture() }
    }

    /// Completed when all connections are gone. One that does not fetch what was written to it is cut off after two
    /// seconds.
    package func closeConnections() -> EventLoopFuture<Void> {
        entrance.noteClosing()
        // In no order, and none matters: each is closed by itself.
        let closing = connections.values.map { channel in
            let limit = loop.scheduleTask(in: Self.flushLimit) { channel.close(mode: .all, promise: nil) }
            channel.closeFuture.whenComplete { _ in limit.cancel() }
            serving.close(channel).whenFailure { _ in channel.close(promise: nil) }
            return channel.closeFuture
        }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    private func accept(_ channel: any Channel) throws {
        let peer = channel.remoteAddress
        guard entrance.enter(peer) else { throw ChannelError.connectTimeout(.zero) }
        connections[ObjectIdentifier(channel)] = channel
        let listener = NIOLoopBound(self, eventLoop: loop)
        channel.closeFuture.whenComplete { _ in
            listener.value.entrance.leave(peer)
            listener.value.connections[ObjectIdentifier(channel)] = nil
        }
        try serving.serve(channel, entrance)
    }
}

extension SocketAddress? {
    /// As in messages, such as `127.0.0.1:5020` or `[::1]:5020`.
    package var text: String {
        let host = self?.ipAddress ?? "?"
        return "\(host.contains(":") ? "[\(host)]" : host):\(self?.port ?? 0)"
    }
}
