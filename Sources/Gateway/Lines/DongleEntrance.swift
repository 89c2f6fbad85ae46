internal import Broker
internal import Endpoints
internal import Logging
internal import NIOCore
internal import Settings
internal import Transport
internal import WireLog

/// The way of a line's dongle: its port, which may be another after a reload, and what it may do.
///
/// On the event loop only.
final class DongleEntrance {
    private let line: Line
    /// As the wire log calls it: that of the first line `SHINE`, that of another `SHINE:line`.
    private var name = ""
    private let environment: GatewayEnvironment
    private let path: AccessPath
    /// For a dongle that dials in: from which addresses.
    private let admission: ClientAdmission
    private var configuration: GatewayConfiguration.Dongle?
    private var current: LoggedPort?

    init(of line: Line, admission: ClientAdmission, _ environment: GatewayEnvironment) {
        self.admission = admission
        self.line = line
        self.environment = environment
        path = environment.switchboard.makePath()
    }

    /// nil: there is no dongle.
    var link: DongleLink? { current?.link }

    /// As the switchboard has it.
    var planned: SwitchboardPlan.Dongle? {
        guard let current, let configuration else { return nil }
        return SwitchboardPlan.Dongle(
            Client(kind: .dongle, name: name, address: name), at: current, places: configuration.places, by: path,
            configuration.client)
    }

    /// The dongle's way to its line, as the switchboard has it.
    var plannedPath: SwitchboardPlan.Path {
        SwitchboardPlan.Path(path, configuration?.access ?? .init(), to: .line(line))
    }

    /// Goes on by another configuration, as soon as the switchboard has ``planned``; nil: there is no dongle any more.
    ///
    /// - Returns: whether anything is different.
    @discardableResult
    func apply(_ new: GatewayConfiguration.Dongle?, isFirst: Bool) -> Bool {
        let needsOtherPort = needsOtherPort(for: new, isFirst: isFirst)
        guard new != configuration || needsOtherPort else { return false }
        (configuration, name) = (new, newName(isFirst: isFirst))
        if needsOtherPort { current = new.map { makePort($0) } }
        return true
    }

    /// Whether ``apply(_:isFirst:)`` would close the port or open another.
    func needsOtherPort(for new: GatewayConfiguration.Dongle?, isFirst: Bool) -> Bool {
        // A session has one name for as long as it lives.
        let isRenamed = newName(isFirst: isFirst) != name && (new != nil || configuration != nil)
        return configuration.needsOtherPort(for: new) || isRenamed
    }

    private func newName(isFirst: Bool) -> String { isFirst ? "SHINE" : "SHINE:\(line.name)" }

    private func makePort(_ dongle: GatewayConfiguration.Dongle) -> LoggedPort {
        let (called, line, logger, reports) = (
            name.lowercased(), line, environment.logger, environment.switchboard.reports
        )
        let log = PortLog(of: called, dongle.port, loop: environment.loop, logger: logger)
        let speech = ServerSpeech(of: called, dongle.port, .dongle, environment.notices)
        let entrance = ServerEntrance(admission: admission, sockets: environment.sockets) {
            logger.info("\(called): waiting for it at \($0)")
        }
        let link = DongleLink(
            report: { event in
                log.note(event)
                speech.note(event)
                if let event = event.report(of: dongle.port) { reports.note(.donglePort(event), of: line) }
            },
            over: { [environment] isLent in
                environment.ports.dongleCarrier(
                    of: dongle.port, loop: environment.loop, registry: environment.registry, entrance: entrance,
                    isLent: isLent)
            })
        return LoggedPort(link, log)
    }
}

/// A port that logs what becomes of it until it is closed.
private final class LoggedPort: DonglePort {
    let link: DongleLink
    private let log: PortLog

    init(_ link: DongleLink, _ log: PortLog) {
        self.link = link
        self.log = log
    }

    func open(for session: SerialClientSession) { link.open(for: session) }

    func send(_ bytes: [UInt8]) { link.send(bytes) }

    func close(_ done: @escaping () -> Void) {
        log.stop()
        link.close(done)
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
