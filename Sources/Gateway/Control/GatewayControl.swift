internal import Broker
internal import Logging
internal import NIOCore
internal import SerialLine
internal import Settings
internal import Text
internal import Transport
internal import WireLog

/// Answers requests to a running gateway, by its socket, by a signal or of a service. On the event loop only.
final class GatewayControl {
    let gateway: Gateway
    let reportQueues: ReportQueues
    private let level: OperatorLog.Level
    private let version: String
    private let service: ServiceManager?
    private let load: GatewayProcess.Load?
    private let loop: any EventLoop
    private var server: ControlServer?
    private var place = ControlPlace.none
    /// One reload after the other.
    private var reloading: EventLoopFuture<Void>
    /// Figures of a moment ago.
    private var recentFigures: SnapshotFigures?

    init(
        _ gateway: Gateway, level: OperatorLog.Level, version: String, service: ServiceManager?,
        load: GatewayProcess.Load?
    ) {
        self.gateway = gateway
        reportQueues = ReportQueues(gateway.switchboard.reports)
        self.level = level
        self.version = version
        self.service = service
        self.load = load
        loop = gateway.loop
        reloading = loop.makeSucceededVoidFuture()
    }

    /// Begins to listen at the socket. One that was not asked for by name is no reason to fail.
    func start(_ place: ControlPlace) -> EventLoopFuture<Void> {
        let control = NIOLoopBound(self, eventLoop: loop)
        return listen(place).map { server in
            control.value.server = server.value
            control.value.place = place
        }
    }

    private func listen(_ place: ControlPlace) -> EventLoopFuture<NIOLoopBound<ControlServer?>> {
        let none = NIOLoopBound<ControlServer?>(nil, eventLoop: loop)
        guard let path = ControlSocket.path(place) else { return loop.makeSucceededFuture(none) }
        let server = ControlServer(path, loop: loop) { [weak self] in
            self?.answer($0) ?? .reply(.failure("the broker is stopping"))
        }
        let logger = gateway.logger
        let listening = NIOLoopBound<ControlServer?>(server, eventLoop: loop)
        return server.start().map { listening }.flatMapErrorThrowing { error in
            guard place == .automatic else { throw error }
            logger.warning("no control socket: \(error); status and reload need one, see --control")
            return none
        }
    }

    /// Whether there is a configuration to read again.
    var canReload: Bool { load != nil }

    func stop() {
        server?.stop()
        server = nil
    }

    func answer(_ command: ControlCommand) -> ControlServer.Answer {
        switch command {
        case .status: return .reply(.result(figures.snapshot.json))
        case .logLevel(let new):
            if let new {
                level.value = new
                gateway.logger.info("log level: \(new.rawValue)")
            }
            return .reply(.result(.object([.init("level", .string(level.value.rawValue))])))
        case .passthrough(let minutes, let line): return .reply(passthrough(minutes: minutes, line: line))
        case .reload:
            return .later(
                reload().map { changes in
                    .result(.object([.init("changes", .array(changes.map { .string($0) }))]))
                }.flatMapErrorThrowing { .failure("\($0)") })
        }
    }

    private func passthrough(minutes: Int?, line name: String?) -> ControlReply {
        do throws(GatewayError) {
            let line = try gateway.lineForPassthrough(name, isToEnd: minutes == nil)
            var notes: [String] = []
            if let minutes {
                notes = try gateway.startPassthrough(on: line, minutes: minutes)
            } else {
                guard let passthrough = line.passthrough else { throw .refused("no passthrough is on") }
                passthrough.end()
            }
            var reply = PassthroughReply()
            let now = gateway.environment.timeline.now
            reply.passthrough = line.passthrough.map { Snapshot.Passthrough($0.status, at: now) }
            reply.notes = notes
            return .result(reply.json)
        } catch {
            return .failure(error.description)
        }
    }

    /// Reads the configuration again, elsewhere, and goes on by it. The operator is told what came of it.
    ///
    /// - Returns: what changed; fails if the configuration cannot be used, and then nothing is different.
    func reload() -> EventLoopFuture<[String]> {
        guard let load else {
            return loop.makeFailedFuture(GatewayError.refused("there is no configuration to reload"))
        }
        let control = NIOLoopBound(self, eventLoop: loop)
        let (loop, logger, service) = (loop, gateway.logger, service)
        let done = reloading.flatMap {
            service?.tell(.reloading)
            let running = control.value.gateway.configuration
            return control.value.gateway.environment.ports.elsewhere(loop) {
                try load(running) { logger.info("\($0)") }
            }
        }.flatMap { control.value.apply($0) }
        done.whenComplete {
            control.value.tell($0)
            service?.tell(.ready)
        }
        reloading = done.map { _ in }.flatMapErrorThrowing { _ in }
        return done
    }

    private func apply(_ new: GatewayConfiguration) -> EventLoopFuture<[String]> {
        let control = NIOLoopBound(self, eventLoop: loop)
        let old = gateway.configuration
        let isMoved = ControlSocket.path(new.control) != ControlSocket.path(place)
        let none = NIOLoopBound<ControlServer?>(nil, eventLoop: loop)
        // What can fail comes first.
        return (isMoved ? listen(new.control) : loop.makeSucceededFuture(none)).flatMap { server in
            control.value.gateway.apply(new)
                .map { changes in
                    let this = control.value
                    if new.logLevel != old.logLevel { this.level.value = new.logLevel }
                    if isMoved { this.move(to: server.value, new.control) }
                    for warning in new.warnings where !old.warnings.contains(warning) {
                        this.gateway.logger.warning("\(warning)")
                    }
                    return changes + (new.logLevel != old.logLevel ? ["log level"] : [])
                        + (isMoved ? ["control socket"] : [])
                }
                .flatMapErrorThrowing { error in
                    server.value?.stop()
                    throw error
                }
        }
    }

    /// Who is connected at the old one may be waiting for what comes of the move.
    private func move(to new: ControlServer?, _ place: ControlPlace) {
        server?.stopAccepting()
        server = new
        self.place = place
    }

    private func tell(_ result: Result<[String], any Error>) {
        switch result {
        case .success(let changes):
            gateway.logger.info("reloaded: \(changes.isEmpty ? "nothing changed" : changes.joined(separator: ", "))")
        case .failure(let error): gateway.logger.error("not reloaded, everything stays as it is: \(error)")
        }
    }

    /// The figures, the same for all calls within 100 ms.
    var sharedFigures: SnapshotFigures {
        if let recentFigures { return recentFigures }
        let control = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: .milliseconds(100)) { control.value.recentFigures = nil }
        let figures = figures
        recentFigures = figures
        return figures
    }

    /// How the gateway stands now.
    var figures: SnapshotFigures {
        let (configuration, observers) = (gateway.configuration, gateway.environment.observers)
        var lost = Snapshot.Lost()
        lost.log = observers.logs.log.lost
        lost.capture = configuration.capture.map { _ in observers.logs.capture.lost }
        return SnapshotFigures(
            version: version, logLevel: level.value.rawValue,
            lines: zip(gateway.lines, observers.figures.lines).map { line, figures in
                .init(
                    name: line.line.name, endpoint: line.configuration.source.text, figures: figures.figures,
                    bus: line.source.status, passthrough: line.passthrough?.status)
            },
            listeners: gateway.listeners.snapshot,
            refused: .init(
                gateway.admission.refused, handshakes: gateway.listeners.handshakesRefused,
                aboveRate: gateway.switchboard.limit.refused),
            clients: observers.figures.clients, names: configuration.clientNames, lost: lost,
            now: gateway.environment.timeline.now, start: gateway.started)
    }
}

extension GatewayConfiguration.Source {
    /// What answers, in a few words.
    fileprivate var text: String {
        switch self {
        case .line(let port): "\(port)"
        case .dataset(let dataset): "dataset \(dataset.name)"
        case .recording(let recording): "recording \(recording.file)"
        }
    }
}
