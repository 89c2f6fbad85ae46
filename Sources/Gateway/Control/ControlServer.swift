internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Transport

/// The control socket: a command in a line, a reply in a line. Made and used on the event loop only.
final class ControlServer {
    enum Answer {
        case reply(ControlReply)
        case later(EventLoopFuture<ControlReply>)
    }

    /// A status that is watched holds one of them.
    private static let mostConnections = 32

    private let path: String
    private let loop: any EventLoop
    private let answer: (ControlCommand) -> Answer
    private var server: (any Channel)?
    private var connections: [ObjectIdentifier: any Channel] = [:]
    /// `status` has to get its answer when no descriptor is left for clients.
    private let reserve = DescriptorReserve()

    init(_ path: String, loop: any EventLoop, answer: @escaping (ControlCommand) -> Answer) {
        self.path = path
        self.loop = loop
        self.answer = answer
    }

    /// - Returns: fails with ``GatewayError/cannotListen(_:reason:)``.
    func start() -> EventLoopFuture<Void> {
        let descriptor: Int32
        do {
            descriptor = try ControlSocket.listen(at: path)
        } catch {
            return loop.makeFailedFuture(error)
        }
        let this = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptPause(reserve: this.value.reserve, onExhausted: {}))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try this.value.accept(channel) }
            }
            .withBoundSocket(descriptor)
            .map { this.value.server = $0 }
    }

    /// Listens no more; who is connected is answered on.
    func stopAccepting() {
        guard let server else { return }
        self.server = nil
        ControlSocket.unlinkSocket(path)
        server.close(promise: nil)
    }

    func stop() {
        stopAccepting()
        for channel in connections.values { channel.close(promise: nil) }
    }

    private func accept(_ channel: any Channel) throws {
        guard connections.count < Self.mostConnections else { throw ChannelError.eof }
        connections[ObjectIdentifier(channel)] = channel
        let this = NIOLoopBound(self, eventLoop: loop)
        channel.closeFuture.whenComplete { _ in
            this.value.connections[ObjectIdentifier(channel)] = nil
            this.value.reserve.fill()
        }
        try channel.pipeline.syncOperations.addHandler(ControlHandler(answer: answer))
    }
}

/// One connection: takes its lines in turn, and answers them in this order.
private final class ControlHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: (ControlCommand) -> ControlServer.Answer
    private var received: [UInt8] = []
    private var isAnswering = false

    init(answer: @escaping (ControlCommand) -> ControlServer.Answer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        // Who writes so much and does not wait for its answers is nobody we know.
        guard received.count <= 16 * ControlCommand.longestRequest else { return context.close(promise: nil) }
        takeLines(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func takeLines(_ context: ChannelHandlerContext) {
        while !isAnswering, let end = received.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(received[..<end])
            received.removeSubrange(...end)
            take(line, context)
        }
        guard !isAnswering, received.count > ControlCommand.longestRequest else { return }
        write(.failure("a line of more than \(ControlCommand.longestRequest) bytes"), context)
        context.close(promise: nil)
    }

    private func take(_ line: [UInt8], _ context: ChannelHandlerContext) {
        let command: ControlCommand
        do throws(GatewayError) {
            command = try ControlCommand(line: line)
        } catch {
            return write(.failure(error.description), context)
        }
        switch answer(command) {
        case .reply(let reply): write(reply, context)
        case .later(let future):
            isAnswering = true
            let this = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            future.whenSuccess { reply in
                let (handler, context) = this.value
                handler.isAnswering = false
                handler.write(reply, context)
                handler.takeLines(context)
            }
        }
    }

    private func write(_ reply: ControlReply, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        // Answers that nobody reads must not pile up.
        guard context.channel.isWritable else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply.line)), promise: nil)
    }
}
