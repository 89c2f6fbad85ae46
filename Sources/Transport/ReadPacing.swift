internal import Broker
internal import NIOCore

/// Reads a connection no faster than a line of 460,800 baud would carry its bytes.
///
/// Looking for requests in bytes costs time even if there are none: a peer that floods would slow everybody down. What
/// is not read waits in the system, which lets the peer send no more.
final class ReadPacing: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    static let bytesPerSecond = 46_080
    /// So much may come at once after a pause.
    static let burst = 8192

    private let timeline: any Timeline
    private var timer: (any WakeTimer)?
    /// When a line would be through with all that was read.
    private var through = Instant.start
    private var context: ChannelHandlerContext?
    private var isReadWanted = false

    init(_ timeline: any Timeline) {
        self.timeline = timeline
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = timeline.makeTimer { [weak self] in self?.resume() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        timer?.set(nil)
        timer = nil
    }

    /// Bytes have been read, here or past the channel.
    func note(_ count: Int) {
        through = max(through, timeline.now) + Self.time(of: count)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        note(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        let allowed = through - Self.time(of: Self.burst)
        if allowed <= timeline.now { return context.read() }
        isReadWanted = true
        timer?.set(allowed)
    }

    private func resume() {
        guard isReadWanted, let context else { return }
        isReadWanted = false
        context.read()
    }

    private static func time(of count: Int) -> Duration {
        .nanoseconds(Int64(count) * 1_000_000_000 / Int64(bytesPerSecond))
    }
}
