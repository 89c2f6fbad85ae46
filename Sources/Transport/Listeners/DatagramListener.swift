package import NIOCore
internal import NIOPosix

/// A UDP port for clients: each address and port is one.
///
/// UDP says nothing about whether a sender's address is true: somebody can let replies go to somebody else. There is at
/// most one for each request, of at most 260 bytes to one of 12, and 16 requests wait at most, which are answered at the
/// pace of the line: that is no amplifier worth having. It can also take all places for clients for a minute: where
/// strangers can send, rules for addresses have to keep them out. What was sent to a client is no request of it if it
/// comes back soon. Made and used on the event loop only.
package final class DatagramListener: Listener {
    /// How long the answers that are awaited keep the port when it is to be let go.
    private static let grace: TimeAmount = .seconds(3)

    private let host: String
    private let port: Int
    private let entrance: ClientEntrance
    private let framing: Framing
    private let loop: any EventLoop
    private lazy var peers = DatagramPeers(entrance, framing) { [weak self] in self?.send($0, to: $1) }
    private var socket: DatagramHandler?
    /// Where it listens.
    private var local: SocketAddress?
    /// Completed when the port is free.
    private var freed: EventLoopFuture<Void>
    private var isStopping = false

    /// - Parameter port: 0: the system chooses one.
    package init(host: String, port: Int, _ entrance: ClientEntrance, _ framing: Framing) {
        self.host = host
        self.port = port
        self.entrance = entrance
        self.framing = framing
        loop = entrance.loop
        freed = loop.makeSucceededVoidFuture()
    }

    package var connected: Int { peers.count }

    package func start() -> EventLoopFuture<String> {
        socket?.close()
        let listener = NIOLoopBound(self, eventLoop: loop)
        return freed.flatMap { listener.value.bind() }
    }

    private func bind() -> EventLoopFuture<String> {
        let listener = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = DatagramBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramHandler.maximumLength)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try listener.value.setUp(channel) }
            }
        let binding = NIOLoopBound(bootstrap, eventLoop: loop)
        return HostAddress.resolve(host, port: port, on: loop).flatMap { binding.value.bind(to: $0) }
            .flatMapErrorThrowing { error in
                // A bootstrap for datagrams leaves it open.
                listener.value.socket?.close()
                listener.value.socket = nil
                throw error
            }
            .map { channel in
                listener.value.local = channel.localAddress
                return channel.localAddress.text
            }
    }

    private func setUp(_ channel: any Channel) throws {
        let socket = DatagramHandler(
            received: { [weak self] in self?.received($0, from: $1) },
            // About a datagram that somebody else has not got: that concerns nobody here.
            failed: { _ in },
            closed: { [weak self] in self?.closed() })
        try channel.pipeline.syncOperations.addHandler(socket)
        self.socket = socket
        isStopping = false
        freed = channel.closeFuture
    }

    /// Hears nothing more. Answers that are awaited are sent, for three seconds; then the port is let go.
    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> {
        guard let socket, !isStopping else { return freed }
        isStopping = true
        loop.assumeIsolated().scheduleTask(in: Self.grace) { [weak socket] in socket?.close() }
        closeIfAnswered()
        return freed
    }

    package func closeConnections() -> EventLoopFuture<Void> {
        peers.closeAll()
        closeIfAnswered()
        return loop.makeSucceededVoidFuture()
    }

    private func received(_ datagram: ByteBuffer, from address: SocketAddress) {
        guard !isStopping else { return }
        // Nobody else can send from there: the sender is forged, and the reply would come back as a request.
        if let local, address.isSocket(boundTo: local) { return entrance.noteReflected(address) }
        peers.received(datagram, from: address)
    }

    private func send(_ bytes: [UInt8], to address: SocketAddress) {
        if let socket, socket.send(bytes, to: address) != nil { entrance.noteDropped() }
        closeIfAnswered()
    }

    private func closeIfAnswered() {
        guard isStopping, peers.isAnswered else { return }
        socket?.close()
    }

    private func closed() {
        socket = nil
        peers.closeAll()
    }
}

extension SocketAddress {
    /// Whether it is that of a socket which is bound there. Of one that is bound to every address, only those of loopback
    /// are known.
    func isSocket(boundTo local: SocketAddress) -> Bool {
        guard port == local.port else { return false }
        let (host, own) = (Optional(self).host, Optional(local).host)
        if own == "0.0.0.0" || own == "::" { return host.hasPrefix("127.") || host == "::1" }
        return host == own
    }
}
