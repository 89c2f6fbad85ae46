internal import Broker
internal import Logging
internal import Settings
internal import WireLog

/// Everybody who is told of every event: wire log, capture, statistics, the operator if he wants to know it all, and
/// perhaps one more. None of them can delay an exchange (R15). On the event loop only.
final class GatewayObservers {
    let log: WireLog
    let capture: WireLog
    private(set) var clients = ClientStatistics()
    /// What happened on each line, in their order.
    private(set) var lines: [(line: Line, figures: LineStatistics)] = []
    private let timeline: any Timeline
    private let logger: Logger
    private let text = ExchangeLine()
    private let other: (BrokerEvent) -> Void

    init(
        _ configuration: GatewayConfiguration, timeline: any Timeline, logger: Logger,
        other: @escaping (BrokerEvent) -> Void
    ) {
        self.timeline = timeline
        self.logger = logger
        self.other = other
        let report: @Sendable (String) -> Void = { logger.warning("\($0)") }
        log = WireLog(configuration.log, report: report)
        capture = WireLog(configuration.capture ?? .none, format: .capture, report: report)
        clients.kept = configuration.namedAddresses
    }

    /// Counts for these lines from now on; those that were there before keep their figures.
    func follow(_ new: [Line]) {
        let old = lines
        lines = new.map { line in (line, old.first { $0.line === line }?.figures ?? LineStatistics()) }
    }

    /// - Parameter line: on which it happened, or which a client's request is about; nil: none.
    func note(_ event: BrokerEvent, of line: Line? = nil) {
        let name = nameToTell(line)
        log.offer(event, line: name)
        capture.offer(event, line: name)
        let now = timeline.now
        clients.note(event, at: now)
        if let line { change(line) { $0.note(event, at: now) } }
        if logger.logLevel <= .debug, let text = text.text(of: event) {
            logger.debug("\(name.map { "\($0): " } ?? "")\(text)")
        }
        other(event)
    }

    /// The name of a line in logs: of a single one nobody needs it.
    func nameToTell(_ line: Line?) -> String? {
        // One that was taken away, and whose exchange ends, must not be taken for the one that is left.
        let isOnly = lines.count == 1 && lines.first?.line === line
        return isOnly ? nil : line?.name
    }

    private func change(_ line: Line, _ change: (inout LineStatistics) -> Void) {
        guard let index = lines.firstIndex(where: { $0.line === line }) else { return }
        change(&lines[index].figures)
    }

    /// Tells the operator of a firmware update that was refused: a dongle repeats itself, so each doubling is enough.
    ///
    /// - Parameter line: that it is about; nil: none.
    func noteForbidden(_ query: Query, register: UInt16, of line: Line?) {
        guard let line else { return }
        change(line) { $0.firmwareWritesRefused += 1 }
        let count = lines.first { $0.line === line }?.figures.firmwareWritesRefused ?? 0
        guard count & (count - 1) == 0 else { return }
        let option = nameToTell(line).map { " --line \($0)" } ?? ""
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

    /// Opens the files of log and capture again.
    func reopen() {
        log.reopen()
        capture.reopen()
    }

    /// Goes on by another configuration.
    ///
    /// - Returns: what changed, in words.
    func apply(_ new: GatewayConfiguration, insteadOf old: GatewayConfiguration) -> [String] {
        var changes: [String] = []
        clients.kept = new.namedAddresses
        if new.log != old.log {
            log.redirect(to: new.log)
            changes.append("log")
        }
        if new.capture != old.capture {
            capture.redirect(to: new.capture ?? .none)
            changes.append("capture")
        }
        return changes
    }
}

extension GatewayConfiguration {
    fileprivate var namedAddresses: Set<String> { Set(clientNames.map(\.address)) }
}
