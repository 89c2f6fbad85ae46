internal import Broker
internal import Glibc
internal import Logging
internal import NIOCore
internal import Settings
internal import Transport

/// Where clients, and listeners to the traffic, come in over the network. On the event loop only.
final class GatewayListeners {
    private struct TCP {
        /// As the configuration has it; `bound` has the port that the system chose for 0.
        let address: HostPort
        let bound: String
        let listener: ModbusTCPListener
    }

    private struct Sniff {
        let address: HostPort
        let bound: String
        let feed: SniffFeed
    }

    private let backend: any Backend
    private let observers: GatewayObservers
    private let loop: any EventLoop
    private let admission: ClientAdmission
    private var settings: ClientSettings
    private var tcp: [TCP] = []
    private var isStopped = false
    private var sniff: Sniff?

    init(
        _ configuration: GatewayConfiguration, backend: any Backend, observers: GatewayObservers, loop: any EventLoop,
        logger: Logger
    ) {
        self.backend = backend
        self.observers = observers
        self.loop = loop
        settings = configuration.clients
        admission = ClientAdmission(limit: configuration.maximumClients) { refused in
            // Every doubling: a client that comes again and again must not fill the disk.
            if refused & (refused - 1) == 0 {
                logger.warning("too many clients: \(refused) connections refused so far")
            }
        }
    }

    /// The addresses at which it listens: Modbus TCP first, then the sniff feed.
    var addresses: [String] { tcp.map(\.bound) + [sniff?.bound].compactMap(\.self) }

    var status: [GatewayStatus.Listener] {
        tcp.map { .init(kind: "tcp", address: $0.bound, connections: $0.listener.connected) }
            + [sniff].compactMap(\.self).map { .init(kind: "sniff", address: $0.bound, connections: $0.feed.connected) }
    }

    /// Listens where the configuration says, and no longer where it does not; what is connected elsewhere stays so.
    ///
    /// - Parameter commit: called when every address is had and before anything else changes; it may refuse.
    /// - Returns: the addresses that changed; fails if one cannot be had, and then nothing is different.
    func apply(
        _ configuration: GatewayConfiguration, commit: @escaping () throws -> Void = {}
    ) -> EventLoopFuture<[String]> {
        let new = configuration.tcp.filter { address in !tcp.contains { $0.address == address } }
        let gone = tcp.filter { !configuration.tcp.contains($0.address) }
        let wantsSniff = configuration.sniff.flatMap { $0 == sniff?.address ? nil : $0 }
        // 127.0.0.1:502 has to be let go before *:502 can be had.
        let wanted = Set((new + [wantsSniff].compactMap(\.self)).map(\.port)).subtracting([0])
        let inTheWay = gone.filter { wanted.contains($0.address.port) }
        let isSniffInTheWay =
            sniff.map { wanted.contains($0.address.port) && $0.address != configuration.sniff } ?? false
        let this = NIOLoopBound(self, eventLoop: loop)
        let freed = NIOLoopBound(inTheWay, eventLoop: loop)
        let freeing = inTheWay.map { $0.listener.stopAccepting() }
        let sniffFreeing = isSniffInTheWay ? sniff.map { $0.feed.stopAccepting() } : nil
        let isFree = EventLoopFuture.andAllComplete(freeing + [sniffFreeing].compactMap(\.self), on: loop)
        let committing = NIOLoopBound(commit, eventLoop: loop)
        return isFree.flatMap { this.value.bind(new, wantsSniff, configuration.clients) }
            .flatMapThrowing { bound in
                do {
                    if this.value.isStopped { throw GatewayError.stopping }
                    try committing.value()
                } catch {
                    for entry in bound.value.tcp { entry.listener.stopAccepting() }
                    bound.value.sniff?.feed.stop()
                    throw error
                }
                let gone = this.value.close(notIn: configuration)
                this.value.tcp += bound.value.tcp
                this.value.sniff = bound.value.sniff ?? this.value.sniff
                this.value.take(configuration)
                return new.map { "+\($0)" } + (wantsSniff.map { ["+sniff \($0)"] } ?? []) + gone
            }
            .flatMapError { error in this.value.restore(freed.value, sniff: isSniffInTheWay, after: error) }
    }

    /// Everything that is bound at once, or nothing.
    private func bind(
        _ addresses: [HostPort], _ sniff: HostPort?, _ settings: ClientSettings
    ) -> EventLoopFuture<NIOLoopBound<(tcp: [TCP], sniff: Sniff?)>> {
        let listeners = addresses.map { address in
            ModbusTCPListener(
                backend: backend, settings: settings, admission: admission, loop: loop,
                observe: { [observers] in observers.note($0) })
        }
        let feed = sniff.map { _ in SniffFeed(log: observers.log, loop: loop) }
        var bound = zip(addresses, listeners).map { $1.bind(host: $0.host, port: $0.port).named($0) }
        if let sniff, let feed { bound.append(feed.bind(host: sniff.host, port: sniff.port).named(sniff)) }
        let parts = NIOLoopBound((listeners, feed), eventLoop: loop)
        return EventLoopFuture.whenAllComplete(bound, on: loop).flatMapThrowing { results in
            let (listeners, feed) = parts.value
            do {
                let texts = try results.map { try $0.get() }
                let tcp = zip(addresses, zip(texts, listeners)).map { TCP(address: $0, bound: $1.0, listener: $1.1) }
                let sniff = feed.flatMap { feed in
                    sniff.map { Sniff(address: $0, bound: texts[texts.count - 1], feed: feed) }
                }
                return NIOLoopBound((tcp, sniff), eventLoop: parts.eventLoop)
            } catch {
                for listener in listeners { listener.stopAccepting() }
                feed?.stop()
                throw error
            }
        }
    }

    /// Listens again where it had stopped to make room; fails with the error that made that necessary.
    private func restore(
        _ entries: [TCP], sniff isSniff: Bool, after error: any Error
    ) -> EventLoopFuture<[String]> {
        guard !isStopped else { return loop.makeFailedFuture(error) }
        var bound = entries.map { $0.listener.bind(host: $0.address.host, port: $0.address.port) }
        if isSniff, let sniff { bound.append(sniff.feed.bind(host: sniff.address.host, port: sniff.address.port)) }
        return EventLoopFuture.andAllComplete(bound, on: loop).flatMapThrowing { throw error }
    }

    /// - Returns: what is no more.
    private func close(notIn configuration: GatewayConfiguration) -> [String] {
        var gone: [String] = []
        for entry in tcp where !configuration.tcp.contains(entry.address) {
            entry.listener.stopAccepting()
            _ = entry.listener.closeConnections()
            gone.append("-\(entry.address)")
        }
        tcp.removeAll { !configuration.tcp.contains($0.address) }
        if let sniff, sniff.address != configuration.sniff {
            sniff.feed.stop()
            self.sniff = nil
            gone.append("-sniff \(sniff.address)")
        }
        return gone
    }

    private func take(_ configuration: GatewayConfiguration) {
        settings = configuration.clients
        admission.limit = configuration.maximumClients
        for entry in tcp { entry.listener.settings = configuration.clients }
    }

    func stopAccepting() {
        isStopped = true
        for entry in tcp { entry.listener.stopAccepting() }
    }

    /// Closes every connection, after what was written to it has left.
    func closeConnections() -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(tcp.map { $0.listener.closeConnections() }, on: loop)
    }

    func stopSniffing() {
        sniff?.feed.stop()
    }
}

extension EventLoopFuture<SocketAddress?> {
    /// The address that was bound; names the one that was wanted in the error, which the system's does not.
    fileprivate func named(_ address: HostPort) -> EventLoopFuture<String> {
        flatMapErrorThrowing { error in
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw GatewayError.cannotListen("\(address)", reason: reason)
        }.map { bound in
            let place = HostPort(host: bound?.ipAddress ?? "?", port: bound?.port ?? 0)
            return "\(place)"
        }
    }
}
