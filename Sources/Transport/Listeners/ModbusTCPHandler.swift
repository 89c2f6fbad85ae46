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

    private let entrance: ClientEntrance
    private let visit: ClientVisit
    private let writes: Writes
    private let failure: (any Error) -> String
    private let timeline: any Timeline
    private var isFirst = true
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

    /// - Parameters:
    ///   - visit: has begun, and is ended when no more requests are taken.
    ///   - failure: the words for an error of the connection.
    init(
        _ entrance: ClientEntrance, _ visit: ClientVisit, writes: Writes,
        failure: @escaping (any Error) -> String = DialFailure.text(of:)
    ) {
        self.entrance = entrance
        self.visit = visit
        self.writes = writes
        self.failure = failure
        timeline = EventLoopTimeline(entrance.loop)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer = ImmediateWriter(context.channel, descriptor: writes == .toDescriptor ? Self.descriptor(context) : nil)
        session = entrance.session(of: visit) { [weak self] in self?.send($0) }
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
        if isFirst {
            isFirst = false
            let first = Array(bytes.readableBytesView)
            entrance.whenFirst(first, visit.client.address)
            if first.areRTU { return refuse("it speaks RTU, not Modbus TCP") }
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
            entrance.end(visit, reason)
        }
        session = nil
        held = ByteBuffer()
        if wantsRead {
            wantsRead = false
            context?.read()
        }
    }

    private func refuse(_ reason: String) {
        entrance.noteInvalid()
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
        writer?.flush()
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
        } else {
            writer?.write(answer)
            takeFrames()
        }
    }
}
