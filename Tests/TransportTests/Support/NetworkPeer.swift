import NIOCore
import NIOPosix

/// The other side of a listener or a port: what it gets is kept. On the loop only.
final class NetworkPeer {
    private let loop: any EventLoop
    private let watch: Watch
    private var channel: (any Channel)?
    private(set) var bytes: [UInt8] = []
    private(set) var isClosed = false
    /// Who has sent the newest datagram.
    private var sender: SocketAddress?

    init(_ loop: any EventLoop) {
        self.loop = loop
        watch = Watch(loop)
    }

    var senderPort: Int { sender?.port ?? 0 }

    var localPort: Int { channel?.localAddress?.port ?? 0 }

    func connectTCP(_ port: Int) -> EventLoopFuture<Void> {
        let peer = NIOLoopBound(self, eventLoop: loop)
        return ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamKeeper(peer.value))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .map { peer.value.channel = $0 }
    }

    func bindUDP(_ port: Int = 0) -> EventLoopFuture<Void> {
        let peer = NIOLoopBound(self, eventLoop: loop)
        return DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramKeeper(peer.value))
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .map { peer.value.channel = $0 }
    }

    /// - Returns: completed when the system has them all.
    @discardableResult
    func send(_ bytes: [UInt8]) -> EventLoopFuture<Void> {
        channel?.writeAndFlush(ByteBuffer(bytes: bytes)) ?? loop.makeSucceededVoidFuture()
    }

    func send(_ bytes: [UInt8], toPort port: Int) {
        guard let address = try? SocketAddress(ipAddress: "127.0.0.1", port: port) else { return }
        channel?.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: bytes)), promise: nil)
    }

    /// A datagram to whom the newest came from.
    func reply(_ bytes: [UInt8]) {
        sender?.port.map { send(bytes, toPort: $0) }
    }

    /// Completed with what has come, when that is so many bytes; they are forgotten then.
    func received(_ count: Int) -> EventLoopFuture<[UInt8]> {
        let peer = NIOLoopBound(self, eventLoop: loop)
        return watch.when { peer.value.bytes.count >= count }.map {
            defer { peer.value.bytes = [] }
            return peer.value.bytes
        }
    }

    func whenClosed() -> EventLoopFuture<Void> {
        let peer = NIOLoopBound(self, eventLoop: loop)
        return watch.when { peer.value.isClosed }
    }

    @discardableResult
    func close() -> EventLoopFuture<Void> { channel?.close() ?? loop.makeSucceededVoidFuture() }

    fileprivate func note(_ new: ByteBuffer, from address: SocketAddress? = nil) {
        bytes += new.readableBytesView
        sender = address
        watch.check()
    }

    fileprivate func noteClosed() {
        isClosed = true
        watch.check()
    }
}

private final class StreamKeeper: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: NetworkPeer

    init(_ peer: NetworkPeer) { self.peer = peer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { peer.note(unwrapInboundIn(data)) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) { peer.noteClosed() }
}

private final class DatagramKeeper: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let peer: NetworkPeer

    init(_ peer: NetworkPeer) { self.peer = peer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        peer.note(envelope.data, from: envelope.remoteAddress)
    }
}
