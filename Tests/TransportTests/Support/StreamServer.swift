import NIOCore
import NIOPosix

/// A server on the loop that keeps what it gets, and says what the test tells it to.
final class StreamServer {
    private let loop: any EventLoop
    private(set) var port = 0
    private var listener: (any Channel)?
    private var connections: [any Channel] = []
    private var bytes: [UInt8] = []
    private var waiting: [(isMet: () -> Bool, promise: EventLoopPromise<Void>)] = []

    init(_ loop: any EventLoop) { self.loop = loop }

    func start() -> EventLoopFuture<Void> {
        let server = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    server.value.connections.append(channel)
                    let handler = Keeper { server.value.note($0) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .map { channel in
                server.value.listener = channel
                server.value.port = channel.localAddress?.port ?? 0
            }
    }

    /// Completed with what has come, when that is so many bytes; they are forgotten then.
    func received(_ count: Int) -> EventLoopFuture<[UInt8]> {
        let server = NIOLoopBound(self, eventLoop: loop)
        let promise = loop.makePromise(of: Void.self)
        waiting.append(({ server.value.bytes.count >= count }, promise))
        note([])
        return promise.futureResult.map {
            defer { server.value.bytes = [] }
            return server.value.bytes
        }
    }

    private func note(_ new: [UInt8]) {
        bytes += new
        waiting.removeAll { wait in
            guard wait.isMet() else { return false }
            wait.promise.succeed()
            return true
        }
    }

    /// One write for each piece.
    func send(_ pieces: [[UInt8]]) {
        for piece in pieces { connections.last?.writeAndFlush(ByteBuffer(bytes: piece), promise: nil) }
    }

    /// What comes waits in the system from now on.
    func stopReading() { connections.last?.setOption(.autoRead, value: false).whenFailure { _ in } }

    func hangUp() { connections.last?.close(promise: nil) }

    func stop() {
        listener?.close(promise: nil)
        for connection in connections { connection.close(promise: nil) }
    }
}

private final class Keeper: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let keep: ([UInt8]) -> Void

    init(_ keep: @escaping ([UInt8]) -> Void) { self.keep = keep }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        keep(Array(unwrapInboundIn(data).readableBytesView))
    }
}
