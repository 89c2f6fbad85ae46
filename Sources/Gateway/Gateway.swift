package import Broker
package import Logging
package import NIOCore
internal import Recording
internal import Settings
package import Transport

/// A running gateway: its lines, its clients and its observers, on one event loop.
///
/// Made, started and stopped on that loop.
package final class Gateway {
    let environment: GatewayEnvironment
    private let visits: ClientLog
    let listeners: GatewayListeners
    let started: Instant
    /// The way of the clients of all lines.
    private let router: UnitRouter
    let limit: RateLimit
    let admission: ClientAdmission
    // What a reload may replace.
    private(set) var configuration: GatewayConfiguration
    private(set) var lines: [GatewayLine]
    /// How many reloads are under way.
    var reloads = 0
    private(set) var isStopping = false
    /// Completed when no line that was taken away has an exchange any more.
    private var draining: EventLoopFuture<Void>
    /// Those that still have ports, and when they have none any more.
    private var leaving: [(line: GatewayLine, closed: EventLoopFuture<Void>)] = []

    /// - Parameters:
    ///   - sockets: handed over at the start of the process.
    ///   - observe: told of every event besides the wire log; it must not delay.
    /// - Throws: what is wrong with a pseudo-terminal's name.
    package init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, logger: Logger, sockets: [HandedSocket] = [],
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) throws {
        let timeline = EventLoopTimeline(loop)
        let environment = GatewayEnvironment(
            loop: loop, timeline: timeline, logger: logger,
            observers: GatewayObservers(configuration, timeline: timeline, logger: logger, other: observe),
            sockets: HandedSockets(sockets))
        self.configuration = configuration
        self.environment = environment
        started = timeline.now
        draining = loop.makeSucceededVoidFuture()
        let refusals = environment.refusals
        visits = ClientLog(loop: loop, logger: logger)
        let admission = ClientAdmission(configuration.limits) { refusals.note($0.text, by: $1) }
        admission.whenAcceptingAgain = {
            environment.notices.note("clients are accepted again: there are free descriptors")
        }
        self.admission = admission
        lines = try configuration.lines.enumerated().map { index, line in
            try GatewayLine(
                line, clients: configuration.clients, isFirst: index == 0, admission: admission, environment)
        }
        router = UnitRouter(timeline: timeline)
        router.allowsBroadcast = configuration.allowsBroadcast
        router.whenRefused = {
            refusals.note(
                "a write to unit \($0.unit), which is unit 0 on its line, so all units", by: $0.client.address)
        }
        limit = RateLimit(configuration.rate, timeline: timeline, next: router)
        limit.whenRefused = {
            refusals.note("a request, for its address asks more often than clients.rate", by: $0.client.address)
        }
        listeners = GatewayListeners(
            ListenerMaking(clients: configuration.clients, admission: admission, environment, visits))
        environment.observers.follow(lines.map(\.line))
        takeRoutes()
    }

    var loop: any EventLoop { environment.loop }

    var logger: Logger { environment.logger }

    /// Begins to listen and opens the ports. A missing device is no error: it is waited for.
    ///
    /// - Returns: where clients come in; fails if that cannot be had, and then no port is touched, but the gateway is
    ///   still to be stopped.
    package func start() -> EventLoopFuture<[String]> {
        let gateway = NIOLoopBound(self, eventLoop: loop)
        closeUnfitSockets()
        return listeners.apply(configuration.listeners).map { _ in
            gateway.value.takeRoutes()
            for line in gateway.value.lines { line.open() }
            return gateway.value.listeners.addresses
        }
    }

    /// Re-opens the files of log and capture (SIGHUP).
    package func reopenLog() {
        environment.observers.reopen()
    }

    /// Listens no more, answers what waits, lets the exchanges on the lines end, and closes everything.
    package func stop() -> EventLoopFuture<Void> {
        isStopping = true
        listeners.stopAccepting()
        limit.stop()
        let quiet = EventLoopFuture.andAllComplete([draining] + lines.map { $0.quiesce() }, on: loop)
        let gateway = NIOLoopBound(self, eventLoop: loop)
        return quiet.flatMap { gateway.value.listeners.closeConnections() }
            .flatMap { gateway.value.closePorts() }
    }

    /// Writes what is still to be logged. Blocks; not for the loop.
    package var closeLog: @Sendable () -> Void {
        { [log = environment.observers.log, capture = environment.observers.capture] in
            log.close()
            capture.close()
        }
    }

    private func closePorts() -> EventLoopFuture<Void> {
        environment.refusals.stop()
        environment.notices.stop()
        visits.stop()
        _ = listeners.closeReaders()
        let closed = EventLoopFuture.andAllComplete(leaving.map(\.closed) + lines.map { $0.close() }, on: loop)
        let stopped = loop.makePromise(of: Void.self)
        // A driver that hangs must not keep the process from ending.
        let limit = loop.scheduleTask(in: .seconds(1)) { stopped.succeed() }
        closed.whenComplete { _ in
            limit.cancel()
            stopped.succeed()
        }
        return stopped.futureResult
    }

    /// The longest that it takes to stop: until the exchange on each line is over, and no late reply is owed.
    var longestStop: Duration {
        let buses = lines.map(\.configuration.bus)
        return buses.map { $0.responseTimeout + $0.lateWindow + $0.longestReply }.max() ?? .zero
    }

    /// Whether a firmware update goes on somewhere.
    var isUpdating: Bool { lines.contains { $0.passthrough?.isUpdating ?? false } }
}

// MARK: Lines that come and go

extension Gateway {
    func take(_ new: GatewayConfiguration) {
        configuration = new
        router.allowsBroadcast = new.allowsBroadcast
        limit.rate = new.rate
        admission.limits = new.limits
        listeners.take(new.clients)
    }

    /// Has these lines from now on; the others that it had are stopped. What is new opens what nobody has any more.
    func replaceLines(by new: [GatewayLine]) {
        let gone = lines.filter { old in !new.contains { $0 === old } }
        let come = new.filter { line in !lines.contains { $0 === line } }
        lines = new
        environment.observers.follow(lines.map(\.line))
        takeRoutes()
        // All that has to go does so first: what comes may be at the place of any of it.
        for line in gone { leave(line) }
        for line in new where !come.contains(where: { $0 === line }) { line.openReplaced() }
        for line in come { line.open() }
    }

    private func leave(_ line: GatewayLine) {
        let quiet = line.quiesce()
        draining = EventLoopFuture.andAllComplete([draining, quiet], on: loop)
        let (gateway, gone) = (NIOLoopBound(self, eventLoop: loop), NIOLoopBound(line, eventLoop: loop))
        let closed = quiet.flatMap { gone.value.close() }
        environment.places.leave(line.places, closed)
        leaving.append((line, closed))
        closed.whenComplete { _ in gateway.value.leaving.removeAll { $0.line === gone.value } }
    }

    /// Warns of handed-over sockets that fit no listener: a client there would never get an answer.
    func closeUnfitSockets() {
        let dialledIn = configuration.lines.compactMap(\.dongle?.port.listeningAddress)
        let places = configuration.listeners.compactMap(\.kind.streamAddress) + dialledIn
        for socket in environment.sockets.keepOnly(at: places.map { ($0.host, $0.port) }) {
            logger.warning("\(socket.refusal(configured: places.map(\.description)))")
        }
    }

    /// Lets every client have the lines as they are now.
    func takeRoutes() {
        router.routes = lines.map { .init(to: $0.line, $0.backend, units: $0.configuration.units) }
        listeners.lead { [limit, router, lines] name in
            guard let name else { return (limit, router) }
            return lines.first { $0.line.name == name }.map { (limit.limiting($0.router), $0.router) }
        }
    }
}

extension ClientAdmission.Refusal {
    fileprivate var text: String {
        switch self {
        case .address: "a client whose address may not come in"
        case .descriptors:
            "a client, for no descriptor is left: raise the limit of open files (ulimit -n, LimitNOFILE=)"
        case .perAddress: "a client, for too many of its address are connected"
        case .full: "a client, for too many are connected"
        case .reflected: "a datagram, for it is what was sent there, come back"
        }
    }
}
