internal import Broker

/// The figures of clients and lines since the start. On the event loop only.
final class FiguresObserver: ReportObserver {
    var clients = ClientStatistics()
    /// In the order of the lines.
    private(set) var lines: [(line: Line, figures: LineStatistics)] = []

    /// Those that were there before keep their figures.
    func linesChanged(_ new: [Line]) {
        let old = lines
        lines = new.map { line in (line, old.first { $0.line === line }?.figures ?? LineStatistics()) }
    }

    func note(_ report: Report) {
        clients.note(report.event, at: report.instant)
        guard let index = lines.firstIndex(where: { $0.line === report.line }) else { return }
        lines[index].figures.note(report.event, at: report.instant)
    }

    /// nil: a line that is not there any longer.
    func figures(of line: Line) -> LineStatistics? { lines.first { $0.line === line }?.figures }
}
