internal import Broker
internal import NIOCore
internal import NIOPosix

/// Listens at an address for one peer that dials in, and goes on trying until it can (R12). On the event loop only.
final class DialledServer {
    private let host: String
    private let port: Int
    private let sockets: HandedSockets
    private let loop: any EventLoop
    private let accept: (any Channel) throws -> Void
    private let whenListening: (_ address: String) -> Void
    private let whenFailed: (_ reason: String) -> Void
    private var reopener: Reopener?
    private var server: (any Channel)?
    private var binding: EventLoopFuture<Void>
    /// The number of the opening by which it listens, or has listened last.
    private var listening: Int?

    /// - Parameters:
    ///   - port: 0–65535; 0: the system chooses one.
    ///   - accept: makes a connection ready; it is closed if that fails.
    ///   - whenListening: told of the address, with the port that the system chose.
    ///   - whenFailed: told each different reason once.
    init(
        host: String, port: Int, _ sockets: HandedSockets, loop: any EventLoop,
        accept: @escaping (any Channel) throws -> Void, whenListening: @escaping (_ address: String) -> Void,
        whenFailed: @escaping (_ reason: String) -> Void
    ) {
        self.host = host
        self.port = port
        self.sockets = sockets
        self.loop = loop
        self.accept = accept
        self.whenListening = whenListening
        self.whenFailed = whenFailed
        binding = loop.makeSucceededVoidFuture()
        reopener = Reopener(.device, loop: loop) { [weak self] in self?.listen($0) }
    }

    func open() { reopener?.open() }

    /// Ends for good. Connections stay.
    ///
    /// - Returns: completed when another can have the address.
    func stop() -> EventLoopFuture<Void> {
        reopener?.stop()
        return letGo()
    }

    /// See ``DialledPort/stopListening()``.
    func stopListening() -> EventLoopFuture<Void> {
        server == nil ? loop.makeSucceededVoidFuture() : letGo()
    }

    /// See ``DialledPort/listenAgain()``.
    func listenAgain() {
        if let listening, server == nil { _ = reopener?.lost(listening) }
    }

    private func letGo() -> EventLoopFuture<Void> {
        let freed = server?.close().recover { _ in } ?? loop.makeSucceededVoidFuture()
        server = nil
        return freed.and(binding).map { _ in }
    }

    private func listen(_ number: Int) {
        let this = NIOLoopBound(self, eventLoop: loop)
        let bootstrap = ServerBootstrap.forDiallingIn(on: loop) { channel in
            guard this.value.reopener?.isStopped == false else { throw ChannelError.connectTimeout(.zero) }
            try this.value.accept(channel)
        }
        let bound = sockets.listen(bootstrap, host: host, port: port, on: loop)
        binding = bound.map { _ in }.recover { _ in }
        bound.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success(let server): self.map { $0.attach(server, number) } ?? server.close(promise: nil)
            case .failure(let error): self.map { $0.failed(BindFailure.text(of: error, port: $0.port), number) }
            }
        }
    }

    private func attach(_ server: any Channel, _ number: Int) {
        guard let reopener, reopener.opened(number) else { return server.close(promise: nil) }
        self.server = server
        listening = number
        whenListening(server.localAddress.text)
    }

    private func failed(_ reason: String, _ number: Int) {
        if let reason = reopener?.failed(number, reason) { whenFailed(reason) }
    }
}
