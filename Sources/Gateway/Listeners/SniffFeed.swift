internal import Broker
internal import Modbus
package import NIOCore
internal import NIOPosix
internal import Text
package import Transport
package import WireLog

/// A TCP port that streams the wire log to any number of readers.
///
/// Each reader has a bounded buffer: one that does not read loses lines, which are counted and told to it; nobody else
/// notices. Made and used on the event loop only.
package final class SniffFeed: Listener {
    /// What may wait for one reader.
    private static let capacity = 1 << 20
    private static let maximumReaders = 64

    private final class Reader {
        let channel: any Channel
        var lost = 0

        init(_ channel: any Channel) {
            self.channel = channel
        }
    }

    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private let log: WireLog
    /// Who may read, besides the rules for all listeners.
    package var rules: AddressRules
    private let admission: ClientAdmission
    private let sockets: HandedSockets
    private var server: (any Channel)?
    private var readers: [Reader] = []
    /// Only while somebody reads: without readers the log need not even be formatted.
    private var subscription: WireLogSubscription?

    /// How many read.
    package var connected: Int { readers.count }

    /// - Parameters:
    ///   - port: 0: the system chooses one.
    ///   - admission: knows the rules for all listeners; readers are not counted among the clients.
    ///   - sockets: handed over at the start of the process.
    package init(
        host: String, port: Int, log: WireLog, rules: AddressRules = AddressRules(), admission: ClientAdmission,
        sockets: HandedSockets = HandedSockets(), loop: any EventLoop
    ) {
        self.rules = rules
        self.admission = admission
        self.sockets = sockets
        self.host = host
        self.port = port
        self.log = log
        self.loop = loop
    }

    package func start() -> EventLoopFuture<String> {
        let feed = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(
                .writeBufferWaterMark, value: .init(low: Self.capacity / 4, high: Self.capacity)
            )
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(feed.value.admission.makeAcceptPause())
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try feed.value.accept(channel) }
            }
        return sockets.listen(bootstrap, host: host, port: port, on: loop).map { channel in
            feed.value.server = channel
            return channel.localAddress.text
        }
    }

    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> {
        guard let server else { return loop.makeSucceededVoidFuture() }
        self.server = nil
        return server.close().flatMapError { [loop] _ in loop.makeSucceededVoidFuture() }
    }

    package func closeConnections() -> EventLoopFuture<Void> {
        let closing = readers.map { $0.channel.close().flatMapError { [loop] _ in loop.makeSucceededVoidFuture() } }
        return EventLoopFuture.andAllComplete(closing, on: loop)
    }

    private func accept(_ channel: any Channel) throws {
        guard admission.permits(channel.remoteAddress, rules), readers.count < Self.maximumReaders else {
            throw ChannelError.eof
        }
        readers.append(Reader(channel))
        let feed = NIOLoopBound(self, eventLoop: loop)
        // Before any record of the log; at this moment the channel is not active yet.
        loop.assumeIsolated().execute { channel.writeAndFlush(ByteBuffer(bytes: Self.greeting), promise: nil) }
        channel.closeFuture.whenComplete { _ in feed.value.leave(channel) }
        if subscription == nil { subscribe() }
    }

    /// A record of a wire log like any other: a program at the wrong port learns it at once.
    private static var greeting: [UInt8] {
        var formatter = WireLogFormatter()
        return formatter.feedBeginning(at: SystemClock.microsecondsSince1970)
    }

    private func subscribe() {
        let feed = NIOLoopBound(self, eventLoop: loop)
        subscription = log.subscribe { [loop] lines in
            loop.execute { feed.value.send(lines) }
        }
    }

    private func leave(_ channel: any Channel) {
        readers.removeAll { $0.channel === channel }
        guard readers.isEmpty else { return }
        subscription?.cancel()
        subscription = nil
    }

    private func send(_ lines: [UInt8]) {
        let newlines = lines.count { $0 == UInt8(ascii: "\n") }
        let buffer = ByteBuffer(bytes: lines)
        for reader in readers {
            guard reader.channel.isWritable else {
                reader.lost += newlines
                continue
            }
            if reader.lost > 0 {
                reader.channel.write(ByteBuffer(bytes: WireLogFormatter.feedLoss(of: reader.lost)), promise: nil)
                reader.lost = 0
            }
            reader.channel.writeAndFlush(buffer, promise: nil)
        }
    }
}
