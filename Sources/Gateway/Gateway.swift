package import Broker
package import NIOCore
internal import Recording
internal import SerialLine
internal import Settings
internal import Simulator
internal import Transport

/// A running gateway: what answers, its clients and its observers, on one event loop.
///
/// Made, started and stopped on that loop.
package final class Gateway {
    private let configuration: GatewayConfiguration
    private let loop: any EventLoop
    private let log: WireLog
    private let capture: WireLog?
    private let report: @Sendable (String) -> Void
    private let observe: (BrokerEvent) -> Void
    private let source: any GatewaySource
    private let injection: FaultInjection?
    private let backend: any Backend
    private let admission: ClientAdmission
    private let poller: Poller
    private var shine: SerialClientPort?
    private var listeners: [ModbusTCPListener] = []
    private var sniff: SniffFeed?

    /// - Parameters:
    ///   - report: takes lines for the operator.
    ///   - observe: told of every event besides the wire log; it must not delay.
    /// - Throws: what is wrong with a dataset, a profile or a pseudo-terminal's name.
    package init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, report: @escaping @Sendable (String) -> Void,
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.loop = loop
        self.report = report
        let log = WireLog(configuration.log, shapes: configuration.bus.shapes, report: report)
        self.log = log
        let capture = configuration.capture.map {
            WireLog($0, format: .capture, shapes: configuration.bus.shapes, report: report)
        }
        self.capture = capture
        let observeAll: (BrokerEvent) -> Void = {
            log.offer($0)
            capture?.offer($0)
            observe($0)
        }
        self.observe = observeAll
        let registry = PortRegistry()
        let timeline = EventLoopTimeline(loop)
        let faults = configuration.faults.map {
            FaultInjector(
                $0.rules, seed: $0.seed ?? UInt64.random(in: .min ... .max), shapes: configuration.bus.shapes,
                start: timeline.now)
        }
        source = try configuration.makeSource(
            loop: loop, registry: registry, faults: faults, report: report, observe: observeAll)
        let undisturbed = source.backend
        let injection = faults.map {
            FaultInjection(
                $0, next: undisturbed, timeline: timeline, responseTimeout: configuration.bus.responseTimeout)
        }
        self.injection = injection
        backend = AccessPolicy(configuration.access, timeline: timeline, next: injection ?? undisturbed)
        let blocks =
            switch configuration.poll {
            case .blocks(let blocks): blocks
            case .dataset: source.blocks
            case nil: [PollBlock]()
            }
        poller = Poller(
            blocks, backend: backend, settings: configuration.clients, timeline: timeline, observe: observeAll)
        admission = ClientAdmission(limit: configuration.maximumClients) { refused in
            // Every doubling: a client that comes again and again must not fill the disk.
            if refused & (refused - 1) == 0 { report("too many clients: \(refused) connections refused so far") }
        }
        shine = configuration.shine.map { makeShine($0, registry) }
    }

    private func makeShine(_ port: GatewayConfiguration.Port, _ registry: PortRegistry) -> SerialClientPort {
        SerialClientPort(
            path: port.path, settings: port.settings,
            client: Client(kind: .serial, name: "SHINE", address: "SHINE"), clientSettings: configuration.clients,
            backend: backend, loop: loop, registry: registry, observe: observe
        ) { [report, log] event in
            report(event.text(of: "shine", port))
            if let note = event.note(of: port) { log.offer(note) }
        }
    }

    /// Begins to listen and opens the ports. A missing device is no error: it is waited for.
    ///
    /// - Returns: the addresses of the Modbus TCP listeners, then that of the sniff feed; fails if one cannot listen,
    ///   and then no port is touched, but the gateway is still to be stopped.
    package func start() -> EventLoopFuture<[String]> {
        var bound: [EventLoopFuture<SocketAddress?>] = []
        for address in configuration.tcp {
            let listener = ModbusTCPListener(
                backend: backend, settings: configuration.clients, admission: admission, loop: loop, observe: observe)
            listeners.append(listener)
            bound.append(listener.bind(host: address.host, port: address.port).explained(address))
        }
        if let address = configuration.sniff {
            let feed = SniffFeed(log: log, loop: loop)
            sniff = feed
            bound.append(feed.bind(host: address.host, port: address.port).explained(address))
        }
        let gateway = NIOLoopBound(self, eventLoop: loop)
        return EventLoopFuture.whenAllSucceed(bound, on: loop).map { addresses in
            let poller = gateway.value.poller
            gateway.value.source.open { poller.start() }
            gateway.value.shine?.open()
            return addresses.map { $0.map { "\($0.ipAddress ?? "?"):\($0.port ?? 0)" } ?? "?" }
        }
    }

    /// Re-opens the files of log and capture (SIGHUP).
    package func reopenLog() {
        log.reopen()
        capture?.reopen()
    }

    /// Listens no more, answers what waits, lets the exchange on the line end, and closes everything.
    package func stop() -> EventLoopFuture<Void> {
        poller.stop()
        for listener in listeners { listener.stopAccepting() }
        let stopped = loop.makePromise(of: Void.self)
        injection?.stop()
        source.stop { stopped.succeed() }
        let gateway = NIOLoopBound(self, eventLoop: loop)
        return stopped.futureResult
            .flatMap { gateway.value.closeConnections() }
            .flatMap { gateway.value.closePorts() }
    }

    /// Writes what is still to be logged. Blocks; not for the loop.
    package var closeLog: @Sendable () -> Void {
        { [log, capture] in
            log.close()
            capture?.close()
        }
    }

    private func closeConnections() -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(listeners.map { $0.closeConnections() }, on: loop)
    }

    private func closePorts() -> EventLoopFuture<Void> {
        sniff?.stop()
        let closed = EventLoopFuture.andAllComplete([shine?.stop(), source.close()].compactMap(\.self), on: loop)
        let stopped = loop.makePromise(of: Void.self)
        // A driver that hangs must not keep the process from ending.
        let limit = loop.scheduleTask(in: .seconds(1)) { stopped.succeed() }
        closed.whenComplete { _ in
            limit.cancel()
            stopped.succeed()
        }
        return stopped.futureResult
    }
}

extension EventLoopFuture<SocketAddress?> {
    /// Names the address in the error, which the system's does not.
    fileprivate func explained(_ address: GatewayConfiguration.Address) -> EventLoopFuture<SocketAddress?> {
        flatMapErrorThrowing { throw GatewayError.cannotListen("\(address)", reason: "\($0)") }
    }
}
