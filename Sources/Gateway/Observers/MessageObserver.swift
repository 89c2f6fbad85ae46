internal import Broker
internal import Logging
internal import WireLog

/// Messages for the operator: refusals, clients that connect and leave, and at the level `debug` every exchange. On the event
/// loop only.
final class MessageObserver: ReportObserver {
    private let figures: FiguresObserver
    private let logger: Logger
    private let refusals: RepeatLog
    private let notices: RepeatLog
    private let visits: ClientLog
    private let text = ExchangeLine()
    private var names = ToldNames()

    /// - Parameter figures: told before this observer.
    init(
        _ figures: FiguresObserver, logger: Logger, refusals: RepeatLog, notices: RepeatLog, visits: ClientLog
    ) {
        self.figures = figures
        self.logger = logger
        self.refusals = refusals
        self.notices = notices
        self.visits = visits
    }

    func linesChanged(_ lines: [Line]) { names = ToldNames(of: lines) }

    func note(_ report: Report) {
        switch report.event {
        case .refused(let query, .access(.forbiddenRegister(let register)), _):
            noteForbidden(query, register: register, of: report.line)
        case .refused(let query, .access(let refusal), let place):
            refusals.note(refusal, of: query, at: query.client.kind == .dongle ? query.client.name.lowercased() : place)
        case .refused(let query, .allUnits, _):
            let unit = query.clientUnit
            refusals.note(
                "a write to unit \(unit), which is unit 0 on its line, so all units", by: query.client.address)
        case .refused(let query, .rate, let setting):
            refusals.note("a request, for its address asks more often than \(setting)", by: query.client.address)
        case .finished(let exchange, .delivered) where exchange.isLateTurn:
            refusals.note(
                "a request, for its turn came too late: the line has more to do than it can",
                by: exchange.query.client.address)
        case .client(let event, let listener): visits.note(event, at: listener)
        case .admission(let event): note(event)
        default: break
        }
        if logger.logLevel <= .debug, let text = text.text(of: report.event) {
            logger.debug("\(names.name(of: report.line).map { "\($0): " } ?? "")\(text)")
        }
    }

    private func note(_ event: BrokerEvent.AdmissionEvent) {
        switch event {
        case .refused(let refusal, let host): refusals.note(refusal.text, by: host)
        case .refusedSecurity(let reason, let host, let listener):
            refusals.note("\(listener): a client: \(reason)", by: host)
        case .resumed: notices.note("clients are accepted again: there are free descriptors")
        }
    }

    /// A firmware update that was refused: a dongle repeats itself, so each doubling is enough.
    private func noteForbidden(_ query: Query, register: UInt16, of line: Line?) {
        guard let line, let count = figures.figures(of: line)?.firmwareWritesRefused, count & (count - 1) == 0 else {
            return
        }
        let option = names.name(of: line).map { " --line \($0)" } ?? ""
        let advice =
            query.client.kind == .dongle
            ? "to let it through, `growatt-broker passthrough\(option) --minutes 20`, then start the update again"
            : "only a dongle can be let through (passthrough)"
        logger.warning(
            """
            firmware update refused: \(query.client.name) wants to write holding register \(register) of unit \(query.clientUnit), and \
            what follows would be lost here; \(advice) (refused so far: \(count))
            """)
    }
}

extension Exchange {
    /// Whether its client got 0x06 because its turn came too late (R8).
    fileprivate var isLateTurn: Bool {
        if case .failure(.expired) = result, query.client.kind.isOfListener { true } else { false }
    }
}

extension BrokerEvent.AdmissionRefusal {
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
