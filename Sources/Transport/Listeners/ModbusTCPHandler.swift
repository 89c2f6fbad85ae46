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

    /// How answers leave.
    enum Writes {
        /// Straight to the descriptor of the socket, past the pipeline.
        case toDescriptor
        /// Only through the pipeline: a handler in front of this one changes them (TLS).
        case throughPipeline
    }

    private let writes: Writes
    private let failure: (any Error) -> String
    private let makeSession: (@escaping (TCPFrame) -> Void) -> TCPClientSession
    private let timeline: any Timeline
    private let onInvalid: () -> Void
    private let onEnd: (_ reason: String?) -> Void
    /// nil: the first bytes have come.
    private var onFirst: (([UInt8]) -> Bool)?
    private var session: TCPClientSession?
    private var context: ChannelHandlerContext?
    private var writer: ImmediateWriter?
    /// What came and was not handed in yet, and when it came.
    private var held = ByteBuffer()
    private var arrived = Instant.start
    /// The answer that was sent last; its storage serves the next one.
    private var answer: [UInt8] = []
    private var wantsRead = false
    private var isHandlingRead = false
    private var hasWritten = false

    /// - Parameters:
    ///   - failure: the words for an error of the connection.
    ///   - onFirst: called with the first bytes, before their parsing; returns false if they cannot be Modbus TCP.
    ///   - onInvalid: called before a connection is closed because its bytes are not Modbus.
    ///   - onEnd: called once when no more requests are taken, with the reason if it is known here.
    init(
        timeline: any Timeline, writes: Writes, failure: @escaping (any Error) -> String = DialFailure.text(of:),
        onFirst: @escaping ([UInt8]) -> Bool = { _ in true }, onInvalid: @escaping () -> Void,
        onEnd: @escaping (_ reason: String?) -> Void = { _ in },
        makeSession: @escaping (@escaping (TCPFrame) -> Void) -> TCPClientSession
    ) {
        self.timeline = timeline
        self.writes = writes
        self.failure = failure
        self.onFirst = onFirst
        self.onInvalid = onInvalid
        self.onEnd = onEnd
        self.makeSession = makeSession
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer = ImmediateWriter(context.channel, descriptor: writes == .toDescriptor ? Self.descriptor(context) : nil)
        session = makeSession { [weak self] in self?.send($0) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        writer = nil
    }

    private static func descriptor(_ context: ChannelHandlerContext) -> NIOBSDSocket.Handle? {
        try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard session != nil else { return }
        var bytes = unwrapInboundIn(data)
        arrived = timeline.now
        if let onFirst = onFirst.take(), !onFirst(Array(bytes.readableBytesView)) {
            return refuse("it speaks RTU, not Modbus TCP")
        }
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

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        end(nil)
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("closed by the client")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(failure(error))
        context.close(promise: nil)
    }
}

extension ModbusTCPHandler {
    private var mayRead: Bool {
        guard let context else { return false }
        // The end of a connection can be something that the peer says (TLS).
        guard let session else { return true }
        return session.hasRoom && context.channel.isWritable && held.readableBytes < TCPFrame.maximumLength
    }

    /// Nothing that comes from now on is a request: the end of a TLS connection takes a while.
    private func end(_ reason: String?) {
        if let session {
            session.close()
            onEnd(reason)
        }
        session = nil
        held = ByteBuffer()
        if wantsRead {
            wantsRead = false
            context?.read()
        }
    }

    private func refuse(_ reason: String) {
        onInvalid()
        end(reason)
        context?.close(promise: nil)
    }

    private func takeFrames() {
        guard !isHandlingRead else { return }
        isHandlingRead = true
        do throws(MBAPError) {
            while let session, session.hasRoom, context?.channel.isWritable ?? false, let frame = try TCPFrame(&held) {
                session.received(frame, arrived: arrived)
            }
        } catch {
            refuse("what it sends is no Modbus TCP")
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
        frame.write(to: &answer)
        if isHandlingRead {
            writer?.queue(answer)
            hasWritten = true
        } else {
            writer?.write(answer)
            takeFrames()
        }
    }

    private func flush() {
        guard hasWritten else { return }
        hasWritten = false
        context?.flush()
    }
}
