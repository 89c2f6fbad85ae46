internal import Broker
internal import Modbus
internal import NIOCore

/// One Modbus TCP connection: frames in, frames out, and no more of either than the session has room for.
///
/// What the session cannot take yet stays in one buffer, and nothing more is read: neither a client that asks too fast
/// nor one that does not read its answers makes it grow beyond one read.
final class ModbusTCPHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let makeSession: (@escaping (TCPFrame) -> Void) -> TCPClientSession
    private let timeline: any Timeline
    private let onInvalid: () -> Void
    private var session: TCPClientSession?
    private var context: ChannelHandlerContext?
    private var writer: ImmediateWriter?
    /// What came and was not handed in yet, and when it came.
    private var held = ByteBuffer()
    private var arrived = Instant.start
    private var wantsRead = false
    private var isHandlingRead = false
    private var hasWritten = false

    /// - Parameter onInvalid: told before a connection is closed because its bytes are no Modbus.
    init(
        timeline: any Timeline, onInvalid: @escaping () -> Void,
        makeSession: @escaping (@escaping (TCPFrame) -> Void) -> TCPClientSession
    ) {
        self.timeline = timeline
        self.onInvalid = onInvalid
        self.makeSession = makeSession
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        writer = ImmediateWriter(context.channel, descriptor: descriptor)
        session = makeSession { [weak self] in self?.send($0) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        writer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        arrived = timeline.now
        if held.readableBytes == 0 { held = bytes } else { held.writeBuffer(&bytes) }
        takeFrames()
    }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { wantsRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        takeFrames()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        session?.close()
        session = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ModbusTCPHandler {
    private var mayRead: Bool {
        guard let context, let session else { return false }
        return session.hasRoom && context.channel.isWritable && held.readableBytes < TCPFrame.maximumLength
    }

    private func takeFrames() {
        guard !isHandlingRead else { return }
        isHandlingRead = true
        do throws(MBAPError) {
            while let session, session.hasRoom, context?.channel.isWritable ?? false, let frame = try TCPFrame(&held) {
                session.received(frame, arrived: arrived)
            }
        } catch {
            onInvalid()
            context?.close(promise: nil)
        }
        isHandlingRead = false
        flush()
        if held.readableBytes == 0 { held = ByteBuffer() }
        if wantsRead, mayRead {
            wantsRead = false
            context?.read()
        }
    }

    /// Answers to what is being read are sent together, all others at once.
    private func send(_ frame: TCPFrame) {
        if isHandlingRead {
            writer?.queue(frame.bytes)
            hasWritten = true
        } else {
            writer?.write(frame.bytes)
            takeFrames()
        }
    }

    private func flush() {
        guard hasWritten else { return }
        hasWritten = false
        context?.flush()
    }
}
