package import NIOCore
internal import NIOPosix

/// A connection to a TCP server that may vanish and come back: dialled, and again after every loss (R12).
///
/// Made and used on the event loop only.
package final class TCPServerConnection {
    package enum Event {
        case opened
        /// It was open, and is not any more.
        case lost(reason: String)
        /// It could not be opened; said once for each different reason.
        case notOpened(reason: String)
    }

    private static let firstBackOff: TimeAmount = .milliseconds(250)
    private static let longestBackOff: TimeAmount = .seconds(5)
    private static let connectTimeout: TimeAmount = .seconds(5)

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let received: (ByteBuffer) -> Void
    private let report: (Event) -> Void
    private var channel: (any Channel)?
    private var opened = NIODeadline.now()
    private var backOff = firstBackOff
    private var lastReason: String?
    private var isStopped = false
    /// Completed when the dialling that was begun last has succeeded or failed.
    private var dialling: EventLoopFuture<Void>
    /// Why the connection is closed by us; nil: it is not.
    private var ownReason: String?

    /// - Parameters:
    ///   - received: takes the bytes that come.
    package init(
        host: String, port: Int, loop: any EventLoop, received: @escaping (ByteBuffer) -> Void,
        report: @escaping (Event) -> Void
    ) {
        self.host = host
        self.port = port
        self.loop = loop
        self.received = received
        self.report = report
        dialling = loop.makeSucceededVoidFuture()
    }

    /// Dials, and goes on trying until it is connected.
    package func open() {
        guard !isStopped, channel == nil else { return }
        let connection = NIOLoopBound(self, eventLoop: loop)
        let dialled = ClientBootstrap(group: loop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = TCPServerHandler(
                        received: { [weak owner = connection.value] in owner?.received($0) },
                        closed: { [weak owner = connection.value] in owner?.lost(channel, $0) })
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(host: host, port: port)
        dialling = dialled.map { _ in }.recover { _ in }
        dialled.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success(let channel): self.map { $0.attach(channel) } ?? channel.close(promise: nil)
            case .failure(let error): self?.retry(DialFailure.text(of: error))
            }
        }
    }

    /// Sends bytes as one segment where they fit; a connection that takes no more is closed, and dialled again.
    package func write(_ bytes: [UInt8]) {
        guard let channel else { return }
        guard channel.isWritable else { return close("it takes no more bytes") }
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    }

    /// Closes the connection, if there is one, and dials again.
    package func reopen() { close("dialled again") }

    /// Closes the connection, because of what the server sent, and dials again.
    package func close(_ reason: String) {
        ownReason = reason
        channel?.close(promise: nil)
    }

    /// Closes the connection for good.
    ///
    /// - Returns: completed when nothing is dialled any more.
    package func stop() -> EventLoopFuture<Void> {
        isStopped = true
        channel?.close(promise: nil)
        return dialling
    }
}

extension TCPServerConnection {
    private func attach(_ channel: any Channel) {
        guard !isStopped else { return channel.close(promise: nil) }
        // The server may have closed it before its connecting was told.
        guard channel.isActive else { return retry("closed by the server") }
        self.channel = channel
        opened = .now()
        lastReason = nil
        ownReason = nil
        report(.opened)
    }

    private func lost(_ channel: any Channel, _ reason: String) {
        guard channel === self.channel else { return }
        self.channel = nil
        guard !isStopped else { return }
        // Many servers close a connection that is idle: that is no reason to let anybody wait.
        let hasLasted = NIODeadline.now() - opened > Self.longestBackOff
        if hasLasted { backOff = Self.firstBackOff }
        report(.lost(reason: ownReason ?? reason))
        scheduleOpen(in: hasLasted ? .zero : backOff)
    }

    private func retry(_ reason: String) {
        guard !isStopped else { return }
        if reason != lastReason { report(.notOpened(reason: reason)) }
        lastReason = reason
        scheduleOpen(in: backOff)
    }

    private func scheduleOpen(in time: TimeAmount) {
        guard !isStopped else { return }
        loop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.open() }
        backOff = min(backOff * 2, Self.longestBackOff)
    }
}

/// Hands on the bytes of a connection, and says once that it is gone.
private final class TCPServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: (ByteBuffer) -> Void
    private let closed: (String) -> Void
    private var reason = "closed by the server"

    init(received: @escaping (ByteBuffer) -> Void, closed: @escaping (String) -> Void) {
        self.received = received
        self.closed = closed
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
