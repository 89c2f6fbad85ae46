internal import Glibc
package import NIOCore
internal import NIOPosix

/// The way to a server over UDP: a socket that hears only this server, made again when its name may mean another one.
///
/// Whether anybody is there nothing tells but replies. Made and used on the event loop only.
package final class UDPServerConnection {
    /// Nobody listens at the server: that is said no more often.
    private static let refusalPause: TimeAmount = .seconds(60)

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let received: (ByteBuffer) -> Void
    private let report: (ConnectionEvent) -> Void
    private var socket: DatagramHandler?
    /// The socket that is being opened: a bootstrap for datagrams does not close one that could not be connected.
    private var candidate: DatagramHandler?
    private var backOff = BackOff()
    private var lastReason: String?
    private var refused: NIODeadline?
    private var ownReason: String?
    private var isStopped = false
    /// Completed when the opening that was begun last has succeeded or failed.
    private var opening: EventLoopFuture<Void>

    /// - Parameter received: takes each datagram of the server.
    package init(
        host: String, port: Int, loop: any EventLoop, received: @escaping (ByteBuffer) -> Void,
        report: @escaping (ConnectionEvent) -> Void
    ) {
        self.host = host
        self.port = port
        self.loop = loop
        self.received = received
        self.report = report
        opening = loop.makeSucceededVoidFuture()
    }

    /// Looks the name up and makes a socket, and goes on trying until there is one.
    package func open() {
        guard !isStopped, socket == nil else { return }
        let connection = NIOLoopBound(self, eventLoop: loop)
        let opened = HostAddress.resolve(host, port: port, on: loop).flatMap { [loop] address in
            DatagramBootstrap(group: loop)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramHandler.maximumLength)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try connection.value.setUp(channel) }
                }
                .connect(to: address)
        }
        opening = opened.map { _ in }.recover { _ in }
        opened.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success(let channel): self.map { $0.attach(channel) } ?? channel.close(promise: nil)
            case .failure(let error):
                self?.candidate?.close()
                self?.retry(DialFailure.text(of: error))
            }
            self?.candidate = nil
        }
    }

    /// Sends a datagram; what the system does not take is lost.
    package func write(_ bytes: [UInt8]) {
        guard let socket, var error = socket.send(bytes) else { return }
        if error.errnoCode == ECONNREFUSED {
            // That was the answer to an earlier datagram, and this one has not left.
            noteFailure(error)
            guard let second = socket.send(bytes) else { return }
            error = second
        }
        noteFailure(error)
    }

    /// Closes the socket, if there is one, looks the name up again and makes another one.
    package func reopen() { close("opened again") }

    private func close(_ reason: String) {
        guard let socket else { return }
        ownReason = reason
        socket.close()
    }

    /// Closes it for good.
    ///
    /// - Returns: completed when nothing is being opened any more.
    package func stop() -> EventLoopFuture<Void> {
        isStopped = true
        socket?.close()
        return opening
    }
}

extension UDPServerConnection {
    private func setUp(_ channel: any Channel) throws {
        let socket = DatagramHandler(
            received: { [weak self] datagram, _ in self?.received(datagram) },
            failed: { [weak self] in self?.noteFailure($0) },
            closed: { [weak self] in self?.lost() })
        try channel.pipeline.syncOperations.addHandler(socket)
        candidate = socket
    }

    private func attach(_ channel: any Channel) {
        guard !isStopped else { return channel.close(promise: nil) }
        guard channel.isActive, let socket = candidate else { return retry("the socket was closed") }
        self.socket = socket
        ownReason = nil
        lastReason = nil
        backOff.reset()
        report(.opened)
    }

    private func lost() {
        guard socket != nil else { return }
        socket = nil
        guard !isStopped else { return }
        report(.lost(reason: ownReason ?? lastReason ?? "the socket was closed"))
        scheduleOpen()
    }

    private func retry(_ reason: String) {
        guard !isStopped else { return }
        if reason != lastReason { report(.notOpened(reason: reason)) }
        lastReason = reason
        scheduleOpen()
    }

    private func scheduleOpen() {
        loop.assumeIsolated().scheduleTask(in: backOff.next()) { [weak self] in self?.open() }
    }

    /// No loss of the line: whoever asks gets no reply, and the server may be there again at any time.
    private func noteFailure(_ error: any Error) {
        lastReason = DialFailure.text(of: error)
        if let refused, loop.now < refused + Self.refusalPause { return }
        refused = loop.now
        report(.notOpened(reason: DialFailure.text(of: error)))
    }
}
