internal import Broker
internal import Endpoints
internal import NIOCore
internal import Simulator
internal import Transport

/// One line of a running gateway: what answers, what disturbs its answers, and its dongle.
///
/// On the event loop only.
final class GatewayLine {
    /// As events and messages call it.
    let line: Line
    let environment: GatewayEnvironment
    private let admission: ClientAdmission
    private(set) var configuration: GatewayConfiguration.Line
    private(set) var source: any GatewaySource
    private var injection: FaultInjection?
    let dongle: DongleEntrance

    /// - Parameters:
    ///   - admission: from which addresses a dongle, or the line, may dial in.
    ///   - isFirst: whether its dongle needs no other name than all dongles had that were the only one.
    /// - Throws: what is wrong with a dataset, a profile, a recording or a pseudo-terminal's name.
    init(
        _ configuration: GatewayConfiguration.Line, isFirst: Bool, admission: ClientAdmission,
        _ environment: GatewayEnvironment
    ) throws {
        let line = Line(name: configuration.name)
        let reports = environment.switchboard.reports
        let parts = try LineParts(configuration, admission, environment) { reports.note($0, of: line) }
        self.configuration = configuration
        self.line = line
        self.environment = environment
        self.admission = admission
        source = parts.source
        injection = parts.injection
        dongle = DongleEntrance(of: line, admission: admission, environment)
        dongle.apply(configuration.dongle, isFirst: isFirst)
    }

    /// nil: the dongle is a client like any other.
    var passthrough: Passthrough? { environment.switchboard.passthrough(on: line) }

    /// As the switchboard has it.
    var planned: SwitchboardPlan.Line {
        var plan = SwitchboardPlan.Line(line, end: source, configuration.bus)
        plan.places = configuration.places
        plan.box = injection
        plan.units = configuration.units
        plan.reads = configuration.reads
        plan.readLimit = configuration.readLimit
        plan.readLimits = configuration.readLimits
        plan.dongle = dongle.planned
        plan.polls = configuration.blocks(of: source).flatMap(\.reads)
        return plan
    }

    /// Where the line and its dongle are waited for now, and not by another configuration.
    ///
    /// - Parameter isFirst: whether it is the first line then.
    func leaving(
        for new: GatewayConfiguration.Line?, isFirst: Bool
    ) -> [(address: HostPort, port: any DialledPort)] {
        var leaving: [(HostPort, any DialledPort)] = []
        if new.map({ needsParts(for: $0) }) ?? true, case .line(let port) = configuration.source,
            let address = port.listeningAddress, let listening = source.listening
        {
            leaving.append((address, listening))
        }
        if dongle.needsOtherPort(for: new?.dongle, isFirst: isFirst),
            let address = configuration.dongle?.port.listeningAddress,
            let listening = dongle.link?.listening
        {
            leaving.append((address, listening))
        }
        return leaving
    }

    /// Takes the names of its pseudo-terminals back, after a reload that came to nothing.
    func renewNames() { source.renewNames() }
}

// MARK: Another configuration

extension GatewayLine {
    /// Whether what answers has to be made anew for it, which may fail.
    func needsParts(for new: GatewayConfiguration.Line) -> Bool { new.needsOtherSource(than: configuration) }

    /// - Throws: what is wrong with a dataset, a profile, a recording or a pseudo-terminal's name.
    func makeParts(_ new: GatewayConfiguration.Line) throws -> LineParts {
        let (reports, line) = (environment.switchboard.reports, line)
        return try LineParts(new, admission, environment) { reports.note($0, of: line) }
    }

    /// Goes on by another configuration, as soon as the switchboard has ``planned``.
    ///
    /// - Parameters:
    ///   - isFirst: whether it is the first line now.
    ///   - parts: made for it, if ``needsParts(for:)``.
    /// - Returns: what changed, in words.
    func apply(_ new: GatewayConfiguration.Line, isFirst: Bool, _ parts: LineParts?) -> [String] {
        let old = configuration
        configuration = new
        var changes: [String] = []
        if let parts {
            source = parts.source
            injection = parts.injection
            changes.append("line \(new.name)")
        } else {
            source.take(new.rules)
            if new.rules != old.rules { changes.append("addresses of line \(new.name)") }
            if new.bus != old.bus { changes.append("settings of line \(new.name)") }
            let isLimited = new.faults != nil && new.bus.responseTimeout != old.bus.responseTimeout
            if new.faults != old.faults || isLimited {
                let timeline = environment.timeline
                injection = new.injection(new.injector(timeline), before: source.backend, timeline)
                changes.append("faults")
            }
        }
        if new.readLimit != old.readLimit || new.readLimits != old.readLimits {
            changes.append("read-limit of line \(new.name)")
        }
        if new.reads != old.reads { changes.append("reads of line \(new.name)") }
        if new.units != old.units { changes.append("units of line \(new.name)") }
        if new.poll != old.poll { changes.append("poll") }
        if dongle.apply(new.dongle, isFirst: isFirst) { changes.append("dongle") }
        return changes
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
