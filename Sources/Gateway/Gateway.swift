package import Broker
package import Logging
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
    let loop: any EventLoop
    let timeline: EventLoopTimeline
    let logger: Logger
    let observers: GatewayObservers
    let access: AccessPolicy
    let shineAccess: AccessPolicy
    let listeners: GatewayListeners
    let registry = PortRegistry()
    let started: Instant
    // What a reload may replace.
    var configuration: GatewayConfiguration
    var source: any GatewaySource
    var injection: FaultInjection?
    var poller: Poller
    var shine: SerialClientPort?
    /// nil: the dongle is a client like any other.
    var passthrough: Passthrough?
    /// How many reloads are under way.
    var reloads = 0
    var isStopping = false
    /// Completed when no source that was replaced has a port or an exchange any more.
    var draining: EventLoopFuture<Void>
    /// The same of the dongle's ports that were replaced.
    var shineClosing: EventLoopFuture<Void>

    /// - Parameters:
    ///   - observe: told of every event besides the wire log; it must not delay.
    /// - Throws: what is wrong with a dataset, a profile or a pseudo-terminal's name.
    package init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, logger: Logger,
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.loop = loop
        self.logger = logger
        timeline = EventLoopTimeline(loop)
        started = timeline.now
        draining = loop.makeSucceededVoidFuture()
        shineClosing = loop.makeSucceededVoidFuture()
        let observers = GatewayObservers(configuration, timeline: timeline, logger: logger, other: observe)
        self.observers = observers
        let parts = try GatewayParts(
            configuration, loop: loop, registry: registry, timeline: timeline, logger: logger,
            observe: { observers.note($0) })
        source = parts.source
        injection = parts.injection
        access = AccessPolicy(
            configuration.access, shapes: configuration.bus.shapes, timeline: timeline, next: parts.backend)
        shineAccess = AccessPolicy(
            configuration.shineAccess, shapes: configuration.bus.shapes, timeline: timeline, next: parts.backend)
        listeners = GatewayListeners(
            configuration, backend: access, observers: observers, loop: loop, logger: logger)
        poller = Poller(
            configuration.blocks(of: parts.source), backend: access, settings: configuration.clients,
            timeline: timeline, observe: { observers.note($0) })
        shine = configuration.shine.map { makeShine($0) }
        shineAccess.whenRefused = { [observers, logger] in
            if case .forbiddenRegister(let register) = $1 { observers.noteForbidden($0, register: register, logger) }
        }
    }

    func makeShine(_ port: GatewayConfiguration.Port) -> SerialClientPort {
        SerialClientPort(
            path: port.path, settings: port.settings,
            client: Client(kind: .dongle, name: "SHINE", address: "SHINE"), clientSettings: configuration.clients,
            backend: shineAccess, loop: loop, registry: registry, observe: { [observers] in observers.note($0) }
        ) { [logger, observers] event in
            event.tell(logger, of: "shine", port)
            if let note = event.note(of: port) { observers.log.offer(note) }
        }
    }

    /// Begins to listen and opens the ports. A missing device is no error: it is waited for.
    ///
    /// - Returns: the addresses of the Modbus TCP listeners, then that of the sniff feed; fails if one cannot listen,
    ///   and then no port is touched, but the gateway is still to be stopped.
    package func start() -> EventLoopFuture<[String]> {
        let gateway = NIOLoopBound(self, eventLoop: loop)
        return listeners.apply(configuration).map { _ in
            gateway.value.openSource()
            gateway.value.shine?.open()
            return gateway.value.listeners.addresses
        }
    }

    /// Re-opens the files of log and capture (SIGHUP).
    package func reopenLog() {
        observers.reopen()
    }

    /// Listens no more, answers what waits, lets the exchange on the line end, and closes everything.
    package func stop() -> EventLoopFuture<Void> {
        isStopping = true
        passthrough?.stop()
        poller.stop()
        listeners.stopAccepting()
        let stopped = loop.makePromise(of: Void.self)
        injection?.stop()
        source.stop { stopped.succeed() }
        let gateway = NIOLoopBound(self, eventLoop: loop)
        return stopped.futureResult
            .flatMap { gateway.value.draining }
            .flatMap { gateway.value.listeners.closeConnections() }
            .flatMap { gateway.value.closePorts() }
    }

    /// Writes what is still to be logged. Blocks; not for the loop.
    package var closeLog: @Sendable () -> Void {
        { [log = observers.log, capture = observers.capture] in
            log.close()
            capture.close()
        }
    }

    private func closePorts() -> EventLoopFuture<Void> {
        listeners.stopSniffing()
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
