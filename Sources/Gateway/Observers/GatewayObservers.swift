internal import Broker
internal import Logging
internal import Settings
internal import WireLog

/// The observers of a gateway: logs, figures, messages for the operator, and perhaps one more, in this order. On the event
/// loop only.
final class GatewayObservers {
    let logs: LogObserver
    let figures = FiguresObserver()
    let messages: MessageObserver

    init(
        _ configuration: GatewayConfiguration, _ reports: ReportStream, logger: Logger, refusals: RepeatLog,
        notices: RepeatLog, visits: ClientLog, other: @escaping (BrokerEvent) -> Void
    ) {
        logs = LogObserver(configuration, logger: logger)
        messages = MessageObserver(figures, logger: logger, refusals: refusals, notices: notices, visits: visits)
        figures.clients.kept = configuration.namedAddresses
        for observer in [logs, figures, messages, OtherObserver(other)] as [any ReportObserver] {
            reports.add(observer)
        }
    }

    /// Goes on by another configuration.
    ///
    /// - Returns: what changed, in words.
    func apply(_ new: GatewayConfiguration, insteadOf old: GatewayConfiguration) -> [String] {
        figures.clients.kept = new.namedAddresses
        return logs.apply(new, insteadOf: old)
    }
}

/// The name of a line in logs and messages: a single line needs none.
struct ToldNames {
    private let lines: [Line]

    init(of lines: [Line] = []) {
        self.lines = lines
    }

    func name(of line: Line?) -> String? {
        // One that was taken away, and whose exchange ends, must not be taken for the one that is left.
        let isOnly = lines.count == 1 && lines.first === line
        return isOnly ? nil : line?.name
    }
}

/// A function that is told of every event.
private final class OtherObserver: ReportObserver {
    private let tell: (BrokerEvent) -> Void

    init(_ tell: @escaping (BrokerEvent) -> Void) {
        self.tell = tell
    }

    func note(_ report: Report) { tell(report.event) }
}

extension GatewayConfiguration {
    fileprivate var namedAddresses: Set<String> { Set(clientNames.map(\.address)) }
}
