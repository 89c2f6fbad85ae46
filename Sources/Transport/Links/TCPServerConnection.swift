package import NIOCore
internal import NIOPosix

/// A connection to a TCP server that may vanish and come back: dialled, and again after every loss (R12).
///
/// Made and used on the event loop only.
package final class TCPServerConnection {
    package typealias Event = ConnectionEvent

    private static let connectTimeout: TimeAmount = .seconds(5)

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let received: (ByteBuffer) -> Void
    private let report: (Event) -> Void
    /// nil: not connected.
    private var stream: ByteStreamHandler?
    private var redialling: Redialling
    private var early = EarlyBytes()
    private var lastReason: String?
    private var isStopped = false
    /// One for each address of the host that is tried.
    private var candidates: [any Channel] = []
    /// Completed when the dialling that was begun last has succeeded or failed.
    private var dialling: EventLoopFuture<Void>

    /// - Parameters:
    ///   - pauseAfterUse: before it is dialled again when a connection is lost over which something useful came.
    ///   - received: takes the bytes that come.
    init(
        host: String, port: Int, pauseAfterUse: TimeAmount = .zero, loop: any EventLoop,
        received: @escaping (ByteBuffer) -> Void, report: @escaping (Event) -> Void
    ) {
        redialling = Redialling(pauseAfterUse: pauseAfterUse)
        self.host = host
        self.port = port
        self.loop = loop
        self.received = received
        self.report = report
        dialling = loop.makeSucceededVoidFuture()
    }

    /// Dials, and goes on trying until it is connected.
    package func open() {
        guard !isStopped, stream == nil else { return }
        let connection = NIOLoopBound(self, eventLoop: loop)
        let dialled = ClientBootstrap(group: loop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOptions(TCPLiveness.keepAlive + [TCPLiveness.unacknowledged])
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try connection.value.setUp(channel) }
            }
            .connect(host: host, port: port)
        dialling = dialled.map { _ in }.recover { _ in }
        dialled.assumeIsolated().whenComplete { [weak self] result in
            self?.candidates = []
            switch result {
            case .success(let channel): self.map { $0.attach(channel) } ?? channel.close(promise: nil)
            case .failure(let error): self?.retry(DialFailure.text(of: error))
            }
        }
    }

    /// Sends bytes as one segment where they fit; a connection that takes no more is closed, and dialled again.
    package func write(_ bytes: [UInt8]) { stream?.write(bytes) }

    /// Something useful has come over the connection: it is worth dialling again soon, should it be lost.
    func noteUse() {
        redialling.noteUse()
        early.end()
    }

    /// Closes the connection, if there is one, and dials again.
    package func reopen() { close("dialled again") }

    /// Closes the connection, because of what the server sent, and dials again.
    package func close(_ reason: String) { stream?.close(reason) }

    /// Closes the connection for good.
    ///
    /// - Returns: completed when nothing is dialled any more.
    package func stop() -> EventLoopFuture<Void> {
        isStopped = true
        stream?.close("stopped")
        // Otherwise a host that says nothing holds up the port that takes the place of this one.
        for candidate in candidates { candidate.close(promise: nil) }
        return dialling
    }
}

extension TCPServerConnection {
    /// Called for each address of the host that is tried.
    private func setUp(_ channel: any Channel) throws {
        guard !isStopped else { throw ChannelError.eof }
        candidates.append(channel)
        let stream = ByteStreamHandler(peer: .server)
        stream.received = { [weak self] in self?.take($0) }
        stream.closed = { [weak self, weak stream] in self?.lost(stream, $0) }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(loop)), stream)
    }

    private func attach(_ channel: any Channel) {
        guard !isStopped else { return channel.close(promise: nil) }
        // The server may have closed it before its connecting was told.
        guard channel.isActive, let stream = try? channel.pipeline.syncOperations.handler(type: ByteStreamHandler.self)
        else { return retry(DialFailure.closedByServer) }
        self.stream = stream
        redialling.noteOpened(at: .now())
        early.begin()
        lastReason = nil
        report(.opened)
    }

    private func take(_ bytes: ByteBuffer) {
        let isNew = early.take(bytes)
        received(bytes)
        // Closing the channel reports that by itself.
        if isNew, stream != nil { tellEarly() }
    }

    private func tellEarly() {
        if !early.bytes.isEmpty { report(.said(early.bytes)) }
    }

    private func lost(_ stream: ByteStreamHandler?, _ reason: String) {
        guard let stream, stream === self.stream else { return }
        self.stream = nil
        guard !isStopped else { return }
        tellEarly()
        report(.lost(reason: reason))
        scheduleOpen(in: redialling.pauseAfterLoss(at: .now()))
    }

    private func retry(_ reason: String) {
        guard !isStopped else { return }
        if reason != lastReason { report(.notOpened(reason: reason)) }
        lastReason = reason
        scheduleOpen(in: redialling.pauseAfterFailure())
    }

    private func scheduleOpen(in time: TimeAmount) {
        guard !isStopped else { return }
        loop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.open() }
    }
}
