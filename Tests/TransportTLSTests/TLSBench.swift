import Broker
import Glibc
import Modbus
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Transport

@testable import TransportTLS

/// Answers a little later: reads with the address that was read, writes with their echo.
private final class EchoBackend: Backend {
    private let loop: any EventLoop
    private(set) var queries: [Query] = []

    init(_ loop: any EventLoop) { self.loop = loop }

    func submit(_ query: Query, for owner: any QueryOwner) {
        queries.append(query)
        let pdu =
            query.pdu.acknowledgement
            ?? PDU(registers: [query.pdu.word(at: 1) ?? 0, 0x5EC2], replyTo: query.pdu.function)
        let exchange = Exchange(
            query: query, result: .success(RTUFrame(unit: query.lineUnit, pdu: pdu)), source: .bus,
            finished: query.arrived)
        loop.assumeIsolated().execute { owner.finished(exchange) }
    }

    func withdraw(_ query: Query) {}
}

/// A TLS listener on the loop, and clients of it on the same loop.
final class TLSBench {
    static let loop = MultiThreadedEventLoopGroup.singleton.next()

    let entrance: ClientEntrance
    let listener: StreamListener
    let serving: TLSServing
    private(set) var refusals: [TLSRefusal] = []
    private(set) var visits: [ClientEvent] = []
    private(set) var clients: [TLSTestClient] = []
    private let backend = EchoBackend(TLSBench.loop)
    private var port = 0
    /// What time it is at the listener, in seconds since 1970.
    var now = Int(time(nil))
    var queries: [Query] { backend.queries }

    init(_ identity: TLSIdentity, limits: ClientAdmission.Limits = .init(), handshakeTimeout: TimeAmount = .hours(1)) {
        let loop = Self.loop
        let path = AccessPath(to: backend, timeline: EventLoopTimeline(loop))
        let admission = ClientAdmission(limits) { _ in }
        var visit: (ClientEvent) -> Void = { _ in }
        entrance = ClientEntrance(
            path: path, settings: .patient, admission: admission, loop: loop,
            observe: { if case .client(let event, _) = $0 { visit(event) } })
        var report: (TLSRefusal) -> Void = { _ in }
        var now: () -> Int = { Int(time(nil)) }
        serving = TLSServing(
            identity, handshakeTimeout: handshakeTimeout,
            clock: TLSClock(now: { now() }, longestWait: .milliseconds(5))
        ) { report($0) }
        listener = StreamListener(host: "127.0.0.1", port: 0, entrance, serving)
        now = { [unowned self] in self.now }
        report = { [weak self] in self?.refusals.append($0) }
        visit = { [weak self] in self?.visits.append($0) }
    }

    func start() -> EventLoopFuture<Void> {
        let bench = NIOLoopBound(self, eventLoop: Self.loop)
        return listener.start().map { address in
            bench.value.port = address.split(separator: ":").last.flatMap { Int($0) } ?? 0
        }
    }

    /// Completed when the condition holds.
    func when(_ isMet: @escaping () -> Bool) -> EventLoopFuture<Void> { Condition(isMet).look() }

    /// Connects one more client.
    ///
    /// - Parameter context: nil: it speaks no TLS.
    /// - Returns: completed when TCP is connected; it is the last of ``clients`` then.
    func connect(_ context: NIOSSLContext?, reads: Bool = true) -> EventLoopFuture<Void> {
        let bench = NIOLoopBound(self, eventLoop: Self.loop)
        return ClientBootstrap(group: Self.loop)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = TLSTestClient(channel)
                    bench.value.clients.append(client)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(client.tap)
                    if let context {
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    }
                    try pipeline.addHandler(TLSTestClientHandler(client))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .map { _ in }
    }

    func stop() -> EventLoopFuture<Void> {
        for client in clients { client.channel.close(promise: nil) }
        let listener = NIOLoopBound(listener, eventLoop: Self.loop)
        return listener.value.stopAccepting().flatMap { listener.value.closeConnections() }
    }
}

/// A client of the bench.
final class TLSTestClient {
    let channel: any Channel
    /// What was on the wire.
    let tap = WireTap()
    fileprivate(set) var frames: [TCPFrame] = []
    fileprivate(set) var isSecure = false
    fileprivate(set) var isClosed = false
    /// Whether the listener has said that it ends the connection, as TLS wants it.
    fileprivate(set) var wasEndedOrderly = false
    fileprivate var held = ByteBuffer()

    init(_ channel: any Channel) { self.channel = channel }

    func send(_ transaction: UInt16, _ pdu: PDU) {
        send(TCPFrame(transaction: transaction, unit: 1, pdu: pdu).bytes)
    }

    func send(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    /// The certificate of the listener.
    var server: NIOSSLCertificate? {
        (try? channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self))?.peerCertificate
    }
}

private final class TLSTestClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: TLSTestClient

    init(_ client: TLSTestClient) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        client.held.writeBuffer(&bytes)
        while let frame = try? TCPFrame(&client.held) { client.frames.append(frame) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? TLSUserEvent {
        case .handshakeCompleted: client.isSecure = true
        case .shutdownCompleted: client.wasEndedOrderly = true
        case nil: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) { client.isClosed = true }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Keeps the bytes of both directions as they are on the wire.
final class WireTap: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private(set) var received: [UInt8] = []
    private(set) var sent: [UInt8] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        sent += unwrapOutboundIn(data).readableBytesView
        context.write(data, promise: promise)
    }
}

/// A condition, looked at once a millisecond.
///
/// An object: a closure that is handed on from look to look gets one more thunk around it each time, until a look takes
/// longer than a test may.
private final class Condition {
    private let isMet: () -> Bool

    init(_ isMet: @escaping () -> Bool) { self.isMet = isMet }

    func look() -> EventLoopFuture<Void> {
        let loop = TLSBench.loop
        let promise = loop.makePromise(of: Void.self)
        look(promise)
        return promise.futureResult
    }

    private func look(_ promise: EventLoopPromise<Void>) {
        guard !isMet() else { return promise.succeed() }
        let condition = NIOLoopBound(self, eventLoop: TLSBench.loop)
        TLSBench.loop.scheduleTask(in: .milliseconds(1)) { condition.value.look(promise) }
    }
}

extension ClientSettings {
    /// Of clients that wait for ever: on a busy machine seconds pass between two steps of a test.
    fileprivate static var patient: ClientSettings {
        ClientSettings(
            clientTimeout: .seconds(3600), serialTimeout: .seconds(3600),
            serialTiming: LineTiming(baud: 9600, bitsPerCharacter: 10))
    }
}
