internal import Broker
internal import NIOCore

/// The connections that are dialled at an address by a peer that may dial in again while an older one looks alive.
///
/// Each has a number; no two have the same. Made and used on the event loop only.
final class DialledConnections {
    private let peer: ByteStreamHandler.Peer
    private let entrance: ServerEntrance
    private let loop: any EventLoop
    private var server: DialledServer?
    /// Their order is that in which they have come.
    private var streams: [(number: Int, stream: ByteStreamHandler)] = []
    /// How many have come.
    private var count = 0
    /// A connection is there, and bytes can be sent over it.
    var came: (_ number: Int) -> Void = { _ in }
    var received: (ByteBuffer, _ number: Int) -> Void = { _, _ in }
    /// A connection is gone, whoever has closed it.
    var lost: (_ number: Int, _ reason: String) -> Void = { _, _ in }

    /// - Parameters:
    ///   - port: 0–65535; 0: the system chooses one.
    ///   - peer: what dials in.
    ///   - whenFailed: told why the address cannot be had, each different reason once.
    init(
        host: String, port: Int, of peer: ByteStreamHandler.Peer, _ entrance: ServerEntrance, loop: any EventLoop,
        whenFailed: @escaping (_ reason: String) -> Void
    ) {
        self.peer = peer
        self.entrance = entrance
        self.loop = loop
        server = DialledServer(
            host: host, port: port, entrance.sockets, loop: loop,
            accept: { [weak self] channel in
                guard let self else { throw ChannelError.connectTimeout(.zero) }
                try accept(channel)
            },
            whenListening: { entrance.whenListening($0) }, whenFailed: whenFailed)
    }

    /// Begins to listen, and goes on trying until it does.
    func open() { server?.open() }

    func write(_ bytes: [UInt8], to number: Int) { stream(number)?.write(bytes) }

    func close(_ number: Int, _ reason: String) { stream(number)?.close(reason) }

    /// Closes a connection that is not heard any longer, whenever its end is told.
    func drop(_ number: Int, _ reason: String) {
        let dropped = stream(number)
        streams.removeAll { $0.number == number }
        dropped?.close(reason)
    }

    /// Ends for good, and closes all connections; none of them is told.
    ///
    /// - Returns: completed when another can have the address.
    func stop() -> EventLoopFuture<Void> {
        let freed = server?.stop() ?? loop.makeSucceededVoidFuture()
        let open = streams
        streams = []
        for (_, stream) in open { stream.close("stopped") }
        return freed
    }

    private func stream(_ number: Int) -> ByteStreamHandler? { streams.first { $0.number == number }?.stream }

    private func accept(_ channel: any Channel) throws {
        // Failing closes it.
        guard entrance.permits(channel.remoteAddress) else { throw ChannelError.connectTimeout(.zero) }
        count += 1
        let (number, stream) = (count, ByteStreamHandler(peer: peer))
        stream.opened = { [weak self] in self?.came(number) }
        stream.received = { [weak self] bytes in
            if let self, self.stream(number) != nil { received(bytes, number) }
        }
        stream.closed = { [weak self] reason in
            guard let self, self.stream(number) != nil else { return }
            streams.removeAll { $0.number == number }
            lost(number, reason)
        }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(loop)), stream)
        streams.append((number, stream))
    }
}

extension DialledConnections: DialledPort {
    func stopListening() -> EventLoopFuture<Void> { server?.stopListening() ?? loop.makeSucceededVoidFuture() }

    func listenAgain() { server?.listenAgain() }
}
