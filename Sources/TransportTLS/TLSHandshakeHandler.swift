internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits behind the TLS handler of a connection until the handshake is over, and puts the handler of the client in its
/// own place before any byte is handed on.
final class TLSHandshakeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let timeout: TimeAmount
    private let now: () -> Int
    private let onRefused: (TLSRefusal.Reason, _ detail: String?) -> Void
    private let makeHandler: (NIOSSLCertificate) throws -> any ChannelHandler
    private var deadline: Scheduled<Void>?
    private var isOver = false

    /// - Parameters:
    ///   - timeout: how long the handshake may take; then the connection is closed.
    ///   - now: seconds since 1970.
    ///   - onRefused: told once if it fails.
    ///   - makeHandler: called once if it succeeds, with the certificate of the client.
    init(
        timeout: TimeAmount, now: @escaping () -> Int,
        onRefused: @escaping (TLSRefusal.Reason, _ detail: String?) -> Void,
        makeHandler: @escaping (NIOSSLCertificate) throws -> any ChannelHandler
    ) {
        self.timeout = timeout
        self.now = now
        self.onRefused = onRefused
        self.makeHandler = makeHandler
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
            self?.refuse(.timeout)
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            complete(context)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isOver {
            let (reason, detail) = TLSRefusal.Reason.of(error, certificate: Self.certificate(context))
            refuse(reason, detail)
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        refuse(.hungUp)
        context.fireChannelInactive()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // From this side: the client has done nothing wrong.
        isOver = true
        context.close(mode: mode, promise: promise)
    }

    private static func certificate(_ context: ChannelHandlerContext) -> NIOSSLCertificate? {
        (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self))?.peerCertificate
    }

    private func complete(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        guard let certificate = Self.certificate(context) else {
            refuse(.noCertificate)
            context.close(promise: nil)
            return
        }
        // However the library has come to accept it.
        if let reason = certificate.invalidity(at: now()) {
            refuse(reason, (try? certificate.toDERBytes()).flatMap { ClientCertificate(der: $0).name })
            context.close(promise: nil)
            return
        }
        isOver = true
        do {
            let handler = try makeHandler(certificate)
            try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(_ reason: TLSRefusal.Reason, _ detail: String? = nil) {
        guard !isOver else { return }
        isOver = true
        deadline?.cancel()
        onRefused(reason, detail)
    }
}
