internal import Broker
internal import Logging
internal import Recording

/// Everybody who is told of every event: wire log, capture, statistics, the operator if he wants to know it all, and
/// perhaps one more. None of them can delay an exchange (R15). On the event loop only.
final class GatewayObservers {
    let log: WireLog
    let capture: WireLog
    private(set) var statistics = GatewayStatistics()
    private let timeline: any Timeline
    private let logger: Logger
    private let lines = ExchangeLine()
    private let other: (BrokerEvent) -> Void

    init(
        _ configuration: GatewayConfiguration, timeline: any Timeline, logger: Logger,
        other: @escaping (BrokerEvent) -> Void
    ) {
        self.timeline = timeline
        self.logger = logger
        self.other = other
        let shapes = configuration.bus.shapes
        let report: @Sendable (String) -> Void = { logger.warning("\($0)") }
        log = WireLog(configuration.log, shapes: shapes, report: report)
        capture = WireLog(configuration.capture ?? .none, format: .capture, shapes: shapes, report: report)
    }

    func note(_ event: BrokerEvent) {
        log.offer(event)
        capture.offer(event)
        statistics.note(event, at: timeline.now)
        if logger.logLevel <= .debug, let line = lines.text(of: event) { logger.debug("\(line)") }
        other(event)
    }

    /// Tells the operator of a firmware update that was refused: a dongle repeats itself, so each doubling is enough.
    func noteForbidden(_ query: Query, register: UInt16, _ logger: Logger) {
        statistics.firmwareWritesRefused += 1
        let count = statistics.firmwareWritesRefused
        guard count & (count - 1) == 0 else { return }
        logger.warning(
            """
            firmware update refused: \(query.client.name) wants to write holding register \(register) of unit \(query.unit), and \
            what follows would be lost here; to let it through, `growatt-broker passthrough --minutes 20`, then start the \
            update again (refused so far: \(count))
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
