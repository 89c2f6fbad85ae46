internal import Broker
internal import NIOCore
internal import Simulator
internal import Transport

/// One line of a running gateway: what answers, what disturbs its answers, its dongle, and what is read by itself.
///
/// On the event loop only.
final class GatewayLine {
    /// As events and messages call it.
    let line: Line
    /// For clients of listeners of this line only, by its units' own numbers.
    let router: UnitRouter
    /// The same for the dongle, which has rights of its own, and for the broker's own reads.
    private let ownRouter: UnitRouter
    let environment: GatewayEnvironment
    private(set) var configuration: GatewayConfiguration.Line
    private(set) var source: any GatewaySource
    private var injection: FaultInjection?
    /// The registers that clients of all listeners may read.
    private let access: AccessPolicy
    /// Before all that answers, whoever asks.
    private let readLimit: ReadDivision
    private var poller: Poller
    let dongle: DongleEntrance
    /// nil: the dongle is a client like any other.
    var passthrough: Passthrough?
    private var clients: ClientSettings
    private var isOpen = false
    /// Whether the source is one that nobody has opened yet.
    private var isReplaced = false
    private var isStopping = false
    /// Completed when no source that was replaced has a port or an exchange any more.
    private var draining: EventLoopFuture<Void>

    /// - Parameters:
    ///   - clients: what holds for a client that reads by itself.
    ///   - admission: from which addresses a dongle may dial in.
    ///   - isFirst: whether its dongle needs no other name than all dongles had that were the only one.
    /// - Throws: what is wrong with a dataset, a profile, a recording or a pseudo-terminal's name.
    init(
        _ configuration: GatewayConfiguration.Line, clients: ClientSettings, isFirst: Bool, admission: ClientAdmission,
        _ environment: GatewayEnvironment
    ) throws {
        let line = Line(name: configuration.name)
        let observers = environment.observers
        let parts = try LineParts(configuration, environment) { observers.note($0, of: line) }
        self.configuration = configuration
        self.clients = clients
        self.line = line
        self.environment = environment
        source = parts.source
        injection = parts.injection
        readLimit = ReadDivision(
            configuration.readLimit, timeline: environment.timeline,
            next: parts.backend, observe: { observers.note($0, of: line) })
        readLimit.unitLimits = configuration.readLimits
        access = AccessPolicy(
            .init(reads: configuration.reads), timeline: environment.timeline,
            next: readLimit)
        router = UnitRouter([.init(to: line, access)], timeline: environment.timeline)
        ownRouter = UnitRouter([.init(to: line, readLimit)], timeline: environment.timeline)
        poller = Poller(
            configuration.blocks(of: parts.source), backend: ownRouter, settings: clients,
            timeline: environment.timeline, observe: { observers.note($0, of: line) })
        dongle = DongleEntrance(of: line, backend: ownRouter, admission: admission, environment)
        draining = environment.loop.makeSucceededVoidFuture()
        dongle.apply(configuration.dongle, isFirst: isFirst)
        access.whenRefused = { [refusals = environment.refusals] in
            refusals.note($1, of: $0, at: "line \(line.name)")
        }
    }

    /// Takes the queries of clients. An earlier source still completes the queries that it got.
    var backend: any Backend { access }

    /// Opens the ports, as soon as nobody who leaves has them any more. A missing device is no error: it is waited for.
    func open() {
        isOpen = true
        openSource()
        dongle.open()
    }

    /// Opens the ports that ``apply(_:clients:isFirst:_:)`` has put in the place of others.
    func openReplaced() {
        guard isOpen else { return }
        if isReplaced { openSource() }
        dongle.openReplaced()
    }

    /// What nobody else can have open at the same time.
    var places: [String] { configuration.places + (configuration.dongle?.places ?? []) }

    /// Takes the names of its pseudo-terminals back, after a reload that came to nothing.
    func renewNames() { source.renewNames() }

    /// Answers what waits, and lets the exchange on the line end.
    ///
    /// - Returns: completed when nothing is on the line any more, nor on one that was replaced.
    func quiesce() -> EventLoopFuture<Void> {
        isStopping = true
        passthrough?.stop()
        poller.stop()
        injection?.stop()
        let stopped = environment.loop.makePromise(of: Void.self)
        source.stop { stopped.succeed() }
        return EventLoopFuture.andAllComplete([stopped.futureResult, draining], on: environment.loop)
    }

    /// Closes the ports of a line that is quiet; completed when nothing of them is under way any more.
    func close() -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete([dongle.stop(), source.close()], on: environment.loop)
    }

    /// As soon as nobody has the port any more, and no source that was replaced has an exchange: the old way and the new
    /// one may lead to the same unit.
    private func openSource() {
        isReplaced = false
        let this = NIOLoopBound(self, eventLoop: environment.loop)
        let new = NIOLoopBound(source, eventLoop: environment.loop)
        draining.and(environment.places.free(configuration.places)).whenComplete { _ in
            guard this.value.isOpen, !this.value.isStopping, this.value.source === new.value else { return }
            new.value.open { this.value.poller.start() }
        }
    }
}

// MARK: Another configuration

extension GatewayLine {
    /// Whether what answers has to be made anew for it, which may fail.
    func needsParts(for new: GatewayConfiguration.Line) -> Bool { new.needsOtherSource(than: configuration) }

    /// - Throws: what is wrong with a dataset, a profile, a recording or a pseudo-terminal's name.
    func makeParts(_ new: GatewayConfiguration.Line) throws -> LineParts {
        let (observers, line) = (environment.observers, line)
        return try LineParts(new, environment) { observers.note($0, of: line) }
    }

    /// Goes on by another configuration. Only what differs is touched; ``openReplaced()`` opens what is new.
    ///
    /// - Parameters:
    ///   - isFirst: whether it is the first line now.
    ///   - parts: made for it, if ``needsParts(for:)``.
    /// - Returns: what changed, in words.
    func apply(
        _ new: GatewayConfiguration.Line, clients: ClientSettings, isFirst: Bool, _ parts: LineParts?
    ) -> [String] {
        let (old, oldClients) = (configuration, self.clients)
        configuration = new
        self.clients = clients
        var changes: [String] = []
        if let parts {
            replaceSource(by: parts, at: old.places)
            changes.append("line \(new.name)")
        } else {
            if new.bus != old.bus {
                source.apply(new.bus)
                changes.append("settings of line \(new.name)")
            }
            let isLimited = new.faults != nil && new.bus.responseTimeout != old.bus.responseTimeout
            if new.faults != old.faults || isLimited { changes += replaceFaults() }
        }
        (readLimit.limit, readLimit.unitLimits) = (new.readLimit, new.readLimits)
        if new.readLimit != old.readLimit || new.readLimits != old.readLimits {
            changes.append("read-limit of line \(new.name)")
        }
        access.settings.reads = new.reads
        if new.reads != old.reads { changes.append("reads of line \(new.name)") }
        if new.units != old.units { changes.append("units of line \(new.name)") }
        if parts != nil || new.poll != old.poll || clients != oldClients { replacePoller() }
        if new.poll != old.poll { changes.append("poll") }
        if dongle.apply(new.dongle, isFirst: isFirst) { changes.append("dongle") }
        return changes
    }

    /// The new one gets the next queries. The old one answers what waits, ends what is on the line, and lets the port go.
    ///
    /// - Parameter places: of the old one.
    private func replaceSource(by parts: LineParts, at places: [String]) {
        let (old, oldInjection) = (source, injection)
        source = parts.source
        injection = parts.injection
        backendChanged()
        poller.stop()
        oldInjection?.stop()
        let loop = environment.loop
        let gone = loop.makePromise(of: Void.self)
        old.stop { old.close().whenComplete { _ in gone.succeed() } }
        // All that were replaced: an exchange of the one before the last may still be on the line.
        draining = EventLoopFuture.andAllComplete([draining, gone.futureResult], on: loop)
        environment.places.leave(places, gone.futureResult)
        isReplaced = true
    }

    private func replaceFaults() -> [String] {
        let timeline = environment.timeline
        injection?.stop()
        injection = configuration.injection(configuration.injector(timeline), before: source.backend, timeline)
        backendChanged()
        return ["faults"]
    }

    private func replacePoller() {
        let (observers, line) = (environment.observers, line)
        poller.stop()
        poller = Poller(
            configuration.blocks(of: source), backend: ownRouter, settings: clients, timeline: environment.timeline,
            observe: { observers.note($0, of: line) })
        if source.status?.isOpen ?? true { poller.start() }
    }

    private func backendChanged() {
        readLimit.next = injection ?? source.backend
    }
}

extension AccessPolicy.Settings {
    /// The rights at a line; the listener decides all others.
    fileprivate init(reads: ReadRules) {
        self.init()
        allowsBroadcast = true
        self.reads = reads
    }
}

extension GatewayConfiguration.Line {
    /// What nobody else can have open at the same time as what answers: its device or server, or names of pseudo-terminals.
    fileprivate var places: [String] {
        if case .line(let port) = source { [port.place] + pty } else { pty }
    }

    /// Whether what answers has to be made anew. Faults on a line are before it; simulated units have them inside.
    func needsOtherSource(than old: GatewayConfiguration.Line) -> Bool {
        if source != old.source || pty != old.pty { return true }
        guard case .line = source else { return faults != old.faults || bus != old.bus }
        return bus.ignoresTransactions != old.bus.ignoresTransactions
    }
}
