internal import Broker
internal import Logging
internal import WireLog

/// The wire log and the capture of a gateway.
final class LogObserver: ReportObserver {
    let log: WireLog
    let capture: WireLog
    private var names = ToldNames()

    init(_ configuration: GatewayConfiguration, logger: Logger) {
        let report: @Sendable (String) -> Void = { logger.warning("\($0)") }
        log = WireLog(configuration.log, report: report)
        capture = WireLog(configuration.capture ?? .none, format: .capture, report: report)
    }

    func linesChanged(_ lines: [Line]) { names = ToldNames(of: lines) }

    func note(_ report: Report) {
        let name = names.name(of: report.line)
        log.offer(report.event, line: name)
        capture.offer(report.event, line: name)
    }

    /// Opens the files again.
    func reopen() {
        log.reopen()
        capture.reopen()
    }

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
