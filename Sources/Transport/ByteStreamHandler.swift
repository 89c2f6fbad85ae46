internal import NIOCore

/// The bytes of a TCP connection as they come, the way back, and the end, which is told once.
///
/// A peer that does not fetch what is sent to it is closed: no more than the channel's watermark waits for it. Made and
/// used on the event loop only.
final class ByteStreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Called when bytes can be sent.
    var opened: () -> Void = {}
    var received: (ByteBuffer) -> Void = { _ in }
    /// Told why.
    var closed: (String) -> Void = { _ in }
    private var channel: (any Channel)?
    private var writer: ImmediateWriter?
    private var reason: String

    /// - Parameter peer: what is at the other end, for the reason of an end that it chose.
    init(peer: Peer) { reason = "closed by the \(peer.rawValue)" }

    enum Peer: String { case client, server }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        writer = ImmediateWriter(context.channel, descriptor: descriptor)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        channel = nil
        writer = nil
    }

    func write(_ bytes: [UInt8]) {
        guard let channel else { return }
        guard channel.isWritable else { return close("it takes no more bytes") }
        writer?.write(bytes)
    }

    /// Closes the connection; what has not left is lost.
    func close(_ reason: String) {
        guard let channel else { return }
        self.reason = reason
        channel.close(promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        opened()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = DialFailure.text(of: error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed(reason)
    }
}
