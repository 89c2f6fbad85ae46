/// One thing that happened, with its instant and its line.
package struct Report: Sendable {
    package let instant: Instant
    /// The line on which it happened, or to which a client's request is bound; nil: none.
    package let line: Line?
    package let event: BrokerEvent
}

/// Is told of every report (R15): wire log, capture, figures, messages for the operator. An observer must not delay.
package protocol ReportObserver: AnyObject {
    func note(_ report: Report)

    /// From now on there are these lines.
    func linesChanged(_ lines: [Line])
}

extension ReportObserver {
    package func linesChanged(_ lines: [Line]) {}
}

/// Hands every report to all observers, in their order.
package final class ReportStream {
    private let timeline: any Timeline
    /// Replaced, not changed in place: an observer may be added from within a report.
    private var observers: [any ReportObserver] = []

    /// - Parameter timeline: gives each report its instant.
    package init(timeline: any Timeline) {
        self.timeline = timeline
    }

    /// The observer is told of what happens from now on, after those that were added before.
    package func add(_ observer: any ReportObserver) { observers += [observer] }

    /// The observer is told no more.
    package func remove(_ observer: any ReportObserver) { observers = observers.filter { $0 !== observer } }

    /// - Parameter line: on which it happened, or to which a client's request is bound; nil: none.
    package func note(_ event: BrokerEvent, of line: Line?) {
        let report = Report(instant: timeline.now, line: line, event: event)
        for observer in observers { observer.note(report) }
    }

    func linesChanged(_ lines: [Line]) {
        for observer in observers { observer.linesChanged(lines) }
    }
}
