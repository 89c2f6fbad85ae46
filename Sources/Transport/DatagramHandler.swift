internal import Glibc
internal import NIOCore

/// A UDP socket: whole datagrams in, whole datagrams out at once, or not at all.
///
/// Nothing waits here: what the system does not take is lost, as it may be anywhere on the way. Made and used on the
/// event loop only.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// More than any datagram of Modbus has; what is longer is cut by the system, and then no Modbus.
    static let maximumLength = 2048

    private let received: (ByteBuffer, SocketAddress) -> Void
    /// Told of what the system says about earlier datagrams, such as that nobody listens; the socket stays open.
    private let failed: (any Error) -> Void
    private let closed: () -> Void
    private var channel: (any Channel)?
    private var descriptor: Int32?

    init(
        received: @escaping (ByteBuffer, SocketAddress) -> Void, failed: @escaping (any Error) -> Void,
        closed: @escaping () -> Void
    ) {
        self.received = received
        self.failed = failed
        self.closed = closed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        channel = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        received(envelope.data, envelope.remoteAddress)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
    }

    func close() {
        channel?.close(promise: nil)
    }

    /// Sends a datagram; not through the channel, which closes when the network is down for a moment.
    ///
    /// - Parameter address: nil: to the peer that the socket is connected to.
    /// - Returns: nil, or why the system has not taken it.
    func send(_ bytes: [UInt8], to address: SocketAddress? = nil) -> IOError? {
        guard let channel, channel.isActive, let descriptor else { return nil }
        let sent = bytes.withUnsafeBytes { buffer in
            guard let address else { return Glibc.send(descriptor, buffer.baseAddress, buffer.count, 0) }
            return address.withSockAddr {
                Glibc.sendto(descriptor, buffer.baseAddress, buffer.count, 0, $0, socklen_t($1))
            }
        }
        return sent < 0 ? IOError(errnoCode: errno, reason: "send") : nil
    }
}
