package import NIOCore
internal import NIOPosix

/// What listens at an address for one peer that dials in. On the event loop only.
package protocol DialledPort: AnyObject {
    /// Lets the address go; connections stay.
    ///
    /// - Returns: completed when another can have the address.
    func stopListening() -> EventLoopFuture<Void>

    /// Listens again, behind ``stopListening()``.
    func listenAgain()
}

extension ServerBootstrap {
    /// For the address of one peer that dials in, and may dial in again while its older connection looks alive.
    ///
    /// - Parameter accept: makes a connection ready; it is closed if that fails.
    static func forDiallingIn(on loop: any EventLoop, accept: @escaping (any Channel) throws -> Void) -> ServerBootstrap
    {
        let accept = NIOLoopBound(accept, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOptions(TCPLiveness.keepAlive + [TCPLiveness.unacknowledged])
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(onExhausted: {}))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try accept.value(channel) }
            }
    }
}
