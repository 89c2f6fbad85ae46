internal import Broker
internal import Logging
internal import NIOCore
internal import Recording
internal import Settings
internal import Transport

/// The way of a line's dongle: its port, which may be another after a reload, and what it may do.
///
/// On the event loop only.
final class DongleEntrance {
    private let line: Line
    /// As the wire log calls it: that of the first line `SHINE`, that of another `SHINE:line`.
    private var name = ""
    private let environment: GatewayEnvironment
    private let access: AccessPolicy
    /// For a dongle that dials in: from which addresses.
    private let admission: ClientAdmission
    private var configuration: GatewayConfiguration.Dongle?
    private(set) var port: (any ClientPort)?
    private var log: PortLog?
    private var isOpen = false
    /// Whether the port is one that nobody has opened yet.
    private var isReplaced = false
    /// Completed when no port that was replaced is open any more.
    private var closing: EventLoopFuture<Void>

    init(
        of line: Line, backend: any Backend, admission: ClientAdmission,
        _ environment: GatewayEnvironment
    ) {
        self.admission = admission
        self.line = line
        self.environment = environment
        access = AccessPolicy(
            AccessPolicy.Settings(), timeline: environment.timeline, next: backend)
        closing = environment.loop.makeSucceededVoidFuture()
        let (observers, refusals) = (environment.observers, environment.refusals)
        access.whenRefused = { query, refusal in
            if case .forbiddenRegister(let register) = refusal {
                observers.noteForbidden(query, register: register, of: line)
            } else {
                refusals.note(refusal, of: query, at: query.client.name.lowercased())
            }
        }
    }

    /// Goes on by another configuration; nil: there is no dongle any more. ``openReplaced()`` opens another port.
    ///
    /// - Returns: whether anything is different.
    @discardableResult
    func apply(_ new: GatewayConfiguration.Dongle?, isFirst: Bool) -> Bool {
        let newName = isFirst ? "SHINE" : "SHINE:\(line.name)"
        let isRenamed = newName != name && (new != nil || configuration != nil)
        guard new != configuration || isRenamed else { return false }
        let needsOtherPort = configuration.needsOtherPort(for: new) || isRenamed
        let old = configuration
        (configuration, name) = (new, newName)
        if let new { access.settings = new.access }
        if needsOtherPort { replacePort(at: old?.places ?? []) }
        return true
    }

    /// Whether ``apply(_:isFirst:)`` would close the port or open another.
    func needsOtherPort(for new: GatewayConfiguration.Dongle?) -> Bool { configuration.needsOtherPort(for: new) }

    /// Opens the port, as soon as nobody who leaves has it any more.
    func open() {
        isOpen = true
        openPort()
    }

    /// Opens the port that has come in the place of another one.
    func openReplaced() {
        if isOpen, isReplaced { openPort() }
    }

    /// Closes the port for good; completed when nothing of it is under way any more.
    func stop() -> EventLoopFuture<Void> {
        isOpen = false
        log?.stop()
        let closed = port?.stop() ?? environment.loop.makeSucceededVoidFuture()
        return EventLoopFuture.andAllComplete([closing, closed], on: environment.loop)
    }

    /// - Parameter places: of the old one.
    private func replacePort(at places: [String]) {
        let old = port
        let loop = environment.loop
        log?.stop()
        log = nil
        port = configuration.map { makePort($0) }
        let closed = old?.stop() ?? loop.makeSucceededVoidFuture()
        closing = EventLoopFuture.andAllComplete([closing, closed], on: loop)
        environment.places.leave(places, closed)
        isReplaced = true
    }

    private func openPort() {
        isReplaced = false
        let this = NIOLoopBound(self, eventLoop: environment.loop)
        let new = NIOLoopBound(port, eventLoop: environment.loop)
        closing.and(environment.places.free(configuration?.places ?? [])).whenComplete { _ in
            guard this.value.isOpen, this.value.port === new.value else { return }
            this.value.port?.open()
        }
    }

    private func makePort(_ dongle: GatewayConfiguration.Dongle) -> any ClientPort {
        let client = Client(kind: .dongle, name: name, address: name)
        let (observers, logger, line) = (environment.observers, environment.logger, line)
        let observe: (BrokerEvent) -> Void = { observers.note($0, of: line) }
        let log = PortLog(of: client.name.lowercased(), dongle.port, loop: environment.loop, logger: logger)
        self.log = log
        let speech = ServerSpeech(of: client.name.lowercased(), dongle.port, .dongle, environment.notices)
        let report: (PortEvent) -> Void = { event in
            log.note(event)
            speech.note(event)
            if let note = event.note(of: dongle.port, line: observers.nameToTell(line)) { observers.log.offer(note) }
        }
        switch dongle.port {
        case .serial(let path, let settings):
            return SerialClientPort(
                path: path, settings: settings, client: client, clientSettings: dongle.client, backend: access,
                loop: environment.loop, registry: environment.registry, observe: observe, report: { report(.init($0)) })
        case .server(.listeningRTUOverTCP(let address)):
            let entrance = ClientEntrance(
                backend: access, settings: dongle.client, admission: admission, sockets: environment.sockets,
                loop: environment.loop, observe: observe)
            return ListeningClientPort(host: address.host, port: address.port, client: client, entrance) { event in
                switch event {
                case .listening(let place): logger.info("\(client.name.lowercased()): waiting for it at \(place)")
                case .connection(let event): report(.init(event))
                }
            }
        case .server(let endpoint):
            let address = endpoint.address ?? HostPort(host: "", port: 0)
            return DialledClientPort(
                host: address.host, port: address.port, client: client, clientSettings: dongle.client, backend: access,
                loop: environment.loop, observe: observe, report: { report(.init($0)) })
        }
    }
}

extension GatewayConfiguration.Dongle {
    /// What nobody else can have open at the same time as its port.
    var places: [String] { [port.place] }
}

extension GatewayConfiguration.Dongle? {
    fileprivate func needsOtherPort(for new: GatewayConfiguration.Dongle?) -> Bool {
        self?.port != new?.port || self?.client != new?.client
    }
}
