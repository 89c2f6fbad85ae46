internal import Broker
internal import NIOCore
internal import NIOPosix

/// The UDP side of a listener: its port, and the clients that have sent something to it.
///
/// Made and used on the event loop only.
final class UDPServer {
    /// How long the answers that are awaited keep the port when it is to be let go.
    private let grace: TimeAmount = .seconds(3)

    private let entrance: ClientEntrance
    private let loop: any EventLoop
    private var peers: DatagramPeers?
    private var socket: DatagramHandler?
    /// Where it listens.
    private var local: SocketAddress?
    /// Completed when the port is free.
    private var freed: EventLoopFuture<Void>
    private var isStopping = false

    /// - Parameters:
    ///   - isRequest: whether a datagram is enough to let its sender in.
    ///   - answersWrite: whether a reply could be a write itself if it came back.
    ///   - makePeer: the session of a client, which sends with the closure.
    init(
        _ entrance: ClientEntrance, isRequest: @escaping (ByteBuffer) -> Bool,
        answersWrite: @escaping ([UInt8]) -> Bool,
        makePeer: @escaping (SocketAddress, @escaping ([UInt8]) -> Void) -> any DatagramPeer
    ) {
        self.entrance = entrance
        loop = entrance.loop
        freed = loop.makeSucceededVoidFuture()
        peers = DatagramPeers(
            entrance, timeline: EventLoopTimeline(loop), isRequest: isRequest, answersWrite: answersWrite
        ) { [weak self] address in
            makePeer(address) { self?.send($0, to: address) }
        }
    }

    var connected: Int { peers?.count ?? 0 }

    /// Begins to listen.
    ///
    /// - Returns: the address that it listens on, with the port that the system chose if that was 0.
    func bind(host: String, port: Int) -> EventLoopFuture<String> {
        socket?.close()
        let server = NIOLoopBound(self, eventLoop: loop)
        return freed.flatMap { server.value.bindFreed(host, port) }
    }

    private func bindFreed(_ host: String, _ port: Int) -> EventLoopFuture<String> {
        let server = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = DatagramBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramHandler.maximumLength)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.setUp(channel) }
            }
        let listening = NIOLoopBound(bootstrap, eventLoop: loop)
        return HostAddress.resolve(host, port: port, on: loop).flatMap { listening.value.bind(to: $0) }
            .flatMapErrorThrowing { error in
                // A bootstrap for datagrams leaves it open.
                server.value.socket?.close()
                server.value.socket = nil
                throw error
            }
            .map { channel in
                server.value.local = channel.localAddress
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

    /// Hears nothing more, sends the answers that are awaited, and lets the port go.
    func stopAccepting() -> EventLoopFuture<Void> {
        guard let socket, !isStopping else { return freed }
        isStopping = true
        loop.assumeIsolated().scheduleTask(in: grace) { [weak socket] in socket?.close() }
        closeIfAnswered()
        return freed
    }

    func closeSessions() {
        peers?.closeAll()
        closeIfAnswered()
    }

    private func received(_ datagram: ByteBuffer, from address: SocketAddress) {
        guard !isStopping else { return }
        // Nobody else can send from there: the sender is forged, and the reply would come back as a request.
        if let local, address.isSocket(boundTo: local) { return entrance.noteReflected(address) }
        peers?.received(datagram, from: address)
    }

    private func send(_ bytes: [UInt8], to address: SocketAddress) {
        peers?.sent(bytes, to: address)
        if let socket, socket.send(bytes, to: address) != nil { entrance.noteDropped() }
        closeIfAnswered()
    }

    private func closeIfAnswered() {
        guard isStopping, peers?.isAnswered ?? true else { return }
        socket?.close()
    }

    private func closed() {
        socket = nil
        peers?.closeAll()
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
