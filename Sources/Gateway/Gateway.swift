package import Broker
internal import Endpoints
package import Logging
package import NIOCore
internal import Settings
package import Transport
internal import WireLog

/// A running gateway: its lines, its clients and its observers, on one event loop.
///
/// Made, started and stopped on that loop.
package final class Gateway {
    let environment: GatewayEnvironment
    let listeners: GatewayListeners
    let started: Instant
    let admission: ClientAdmission
    // What a reload may replace.
    private(set) var configuration: GatewayConfiguration
    private(set) var lines: [GatewayLine]
    /// Of the services of the process.
    private var entrances: [ServiceEntrance] = []
    /// How many reloads are under way.
    var reloads = 0
    private(set) var isStopping = false

    /// - Parameters:
    ///   - sockets: handed over at the start of the process.
    ///   - observe: told of every event besides the wire log; it must not delay.
    /// - Throws: what is wrong with a pseudo-terminal's name.
    package convenience init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, logger: Logger, sockets: [HandedSocket] = [],
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) throws {
        try self.init(
            configuration, loop: loop, logger: logger, sockets: sockets, ports: SystemPorts(), observe: observe)
    }

    /// The same with other ports than the system's.
    init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, logger: Logger, sockets: [HandedSocket],
        ports: any GatewayPorts, observe: @escaping (BrokerEvent) -> Void
    ) throws {
        let environment = GatewayEnvironment(
            configuration, loop: loop, logger: logger, sockets: HandedSockets(sockets), ports: ports, observe: observe)
        self.configuration = configuration
        self.environment = environment
        started = environment.timeline.now
        let reports = environment.switchboard.reports
        let admission = ClientAdmission(configuration.limits) { reports.note(.admission($0), of: nil) }
        self.admission = admission
        lines = try configuration.lines.enumerated().map { index, line in
            try GatewayLine(line, isFirst: index == 0, admission: admission, environment)
        }
        listeners = GatewayListeners(
            ListenerMaking(clients: configuration.clients, admission: admission, environment))
        takePlan()
    }

    var switchboard: Switchboard { environment.switchboard }

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
            gateway.value.takePlan()
            gateway.value.switchboard.open()
            return gateway.value.listeners.addresses
        }
    }

    /// Re-opens the files of log and capture (SIGHUP).
    package func reopenLog() {
        environment.observers.logs.reopen()
    }

    /// Listens no more, answers what waits, lets the exchanges on the lines end, and closes everything.
    package func stop() -> EventLoopFuture<Void> {
        isStopping = true
        listeners.stopAccepting()
        let quiet = loop.makePromise(of: Void.self)
        switchboard.stop { quiet.succeed() }
        let gateway = NIOLoopBound(self, eventLoop: loop)
        return quiet.futureResult.flatMap { gateway.value.listeners.closeConnections() }
            .flatMap { gateway.value.closePorts() }
    }

    /// Writes what is still to be logged. Blocks; not for the loop.
    package var closeLog: @Sendable () -> Void {
        { [log = environment.observers.logs.log, capture = environment.observers.logs.capture] in
            log.close()
            capture.close()
        }
    }

    private func closePorts() -> EventLoopFuture<Void> {
        environment.refusals.stop()
        environment.notices.stop()
        environment.visits.stop()
        _ = listeners.closeReaders()
        let stopped = loop.makePromise(of: Void.self)
        // A driver that hangs must not keep the process from ending.
        let limit = loop.scheduleTask(in: .seconds(1)) { stopped.succeed() }
        switchboard.close {
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
        admission.limits = new.limits
        listeners.take(new.clients)
    }

    /// Has these lines from now on, and all that the configuration says; what is new opens what nobody has any more.
    func replaceLines(by new: [GatewayLine]) {
        lines = new
        takePlan()
    }

    /// Warns of handed-over sockets that fit no listener: a client there would never get an answer.
    func closeUnfitSockets() {
        let dialledIn = configuration.lines.flatMap(\.listeningAddresses)
        let places = configuration.listeners.compactMap(\.kind.streamAddress) + dialledIn
        for socket in environment.sockets.keepOnly(at: places.map { ($0.host, $0.port) }) {
            logger.warning("\(socket.refusal(configured: places.map(\.description)))")
        }
    }

    /// - Parameter name: of a service of the process.
    /// - Returns: its way in, which leads to all lines.
    func makeEntrance(for name: String) -> ServiceEntrance {
        let entrance = ServiceEntrance(name, switchboard, timeline: environment.timeline)
        entrances.append(entrance)
        takePlan()
        return entrance
    }

    /// Lets the switchboard have all as it is now.
    func takePlan() {
        var plan = SwitchboardPlan(lines.map(\.planned), timeToAnswer: configuration.clients.timeToAnswer)
        plan.paths = lines.map(\.dongle.plannedPath)
        plan.paths += listeners.planned { [lines] name in lines.first { $0.line.name == name }?.line }
        plan.paths += entrances.map(\.planned)
        plan.rate = configuration.rate
        plan.allowsBroadcast = configuration.allowsBroadcast
        switchboard.apply(plan)
    }
}
