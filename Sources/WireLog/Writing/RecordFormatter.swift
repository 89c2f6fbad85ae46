internal import Broker
internal import Modbus

/// Makes lines of what happened, on the writer's thread.
protocol RecordFormatter: Sendable {
    mutating func reserve(lines count: Int)
    mutating func append(_ entry: WireLogEntry)

    /// Tells that lines are missing before this one, where the format has words for it.
    mutating func append(loss event: WireLogEvent, of count: Int, because reason: String?, at microseconds: Int64)

    mutating func take() -> RecordBatch
}

/// What the lines of a log look like.
package enum LogFormat: Sendable {
    /// Every event, as `interfaces.md` shows the wire log.
    case wireLog
    /// Every call that an answer was waited for, as `interfaces.md` shows captures.
    case capture

    /// As in messages.
    var name: String {
        switch self {
        case .wireLog: "wire log"
        case .capture: "capture"
        }
    }

    /// Whether this event makes a line.
    func takes(_ event: BrokerEvent) -> Bool {
        switch self {
        case .wireLog: event.isWritten
        case .capture: event.capturedExchange != nil
        }
    }

    func formatter(_ clock: WireLogClock) -> any RecordFormatter {
        switch self {
        case .wireLog: WireLogFormatter(calendar: clock.calendar)
        case .capture: CaptureFormatter()
        }
    }
}
