internal import Broker
package import NIOCore
internal import NIOPosix

/// A connection to a TCP server: dialled, and again after every loss (R12).
package final class TCPCarrier: Carrier {
    private static let connectTimeout: TimeAmount = .seconds(5)

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private var reopener: Reopener?
    /// nil: not connected.
    private var stream: ByteStreamHandler?
    /// One for each address of the host that is tried.
    private var candidates: [any Channel] = []
    /// Completed when the dialling that was begun last has succeeded or failed.
    private var dialling: EventLoopFuture<Void>
    package let boundaries = CarrierBoundaries.stream
    package let isServer = true
    package var received: (ByteBuffer) -> Void = { _ in }
    package var report: (CarrierEvent) -> Void = { _ in }

    /// - Parameters:
    ///   - port: 1–65535.
    ///   - pauseAfterUse: before it is dialled again when a connection is lost over which something useful came.
    package init(host: String, port: Int, pauseAfterUse: Duration = .zero, loop: any EventLoop) {
        self.host = host
        self.port = port
        self.loop = loop
        dialling = loop.makeSucceededVoidFuture()
        reopener = Reopener(.server(pauseAfterUse: pauseAfterUse), loop: loop) { [weak self] in self?.dial($0) }
    }

    package func open() { reopener?.open() }

    /// Sends bytes as one segment where they fit; a connection that takes no more is closed, and dialled again.
    package func write(_ bytes: [UInt8]) { stream?.write(bytes) }

    package func noteUse() { reopener?.noteUse() }

    package func reopen() { close("dialled again") }

    package func close(_ reason: String) { stream?.close(reason) }

    package func stop() -> EventLoopFuture<Void> {
        reopener?.stop()
        stream?.close("stopped")
        // Otherwise a host that says nothing holds up the port that takes the place of this one.
        for candidate in candidates { candidate.close(promise: nil) }
        return dialling
    }
}

extension TCPCarrier {
    private func dial(_ number: Int) {
        let carrier = NIOLoopBound(self, eventLoop: loop)
        let dialled = ClientBootstrap(group: loop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOptions(TCPLiveness.keepAlive + [TCPLiveness.unacknowledged])
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try carrier.value.setUp(channel, number) }
            }
            .connect(host: host, port: port)
        dialling = dialled.map { _ in }.recover { _ in }
        dialled.assumeIsolated().whenComplete { [weak self] result in
            self?.candidates = []
            switch result {
            case .success(let channel): self.map { $0.attach(channel, number) } ?? channel.close(promise: nil)
            case .failure(let error): self?.failed(number, DialFailure.text(of: error))
            }
        }
    }

    /// Called for each address of the host that is tried.
    private func setUp(_ channel: any Channel, _ number: Int) throws {
        guard reopener?.isAwaiting(number) == true else { throw ChannelError.eof }
        candidates.append(channel)
        let stream = ByteStreamHandler(peer: .server)
        stream.received = { [weak self] in self?.received($0) }
        stream.closed = { [weak self, weak stream] in self?.lost(stream, $0, number) }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(loop)), stream)
    }

    private func attach(_ channel: any Channel, _ number: Int) {
        guard let reopener, reopener.isAwaiting(number) else { return channel.close(promise: nil) }
        // The server may have closed it before its connecting was told.
        guard channel.isActive, let stream = try? channel.pipeline.syncOperations.handler(type: ByteStreamHandler.self),
            reopener.opened(number)
        else { return failed(number, DialFailure.closedByServer) }
        self.stream = stream
        report(.opened())
    }

    private func failed(_ number: Int, _ reason: String) {
        if let reason = reopener?.failed(number, reason) { report(.notOpened(reason: reason)) }
    }

    /// - Parameter stream: maybe that of another address, which was later.
    private func lost(_ stream: ByteStreamHandler?, _ reason: String, _ number: Int) {
        guard let stream, stream === self.stream else { return }
        self.stream = nil
        if reopener?.lost(number) == true { report(.lost(reason: reason)) }
    }
}
