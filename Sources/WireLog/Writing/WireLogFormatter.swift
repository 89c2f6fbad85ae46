package import Broker
internal import Modbus
package import Text

/// Turns events into lines of the wire log: JSON objects, one to a line, as `interfaces.md` shows them.
///
/// Every line begins with `ts` (local time) and `role`, and ends with `t` (seconds since 1970).
package struct WireLogFormatter: RecordFormatter {
    private var lines = JSONRecords()
    private var timestamp: Timestamp

    /// - Parameters:
    ///   - calendar: tells the parts of a second since 1970.
    package init(
        calendar: @escaping @Sendable (Int64) -> CalendarTime = CalendarTime.local
    ) {
        timestamp = Timestamp(calendar: calendar)
    }

    /// The line of one event, in UTF-8, with its newline.
    ///
    /// - Parameter microseconds: when it happened, since 1970.
    package mutating func line(_ event: BrokerEvent, at microseconds: Int64) -> [UInt8] {
        append(event, at: microseconds)
        return take().bytes
    }

    /// The first record for a reader of a sniff feed, in UTF-8, with its newline: a program at the wrong port learns it.
    ///
    /// - Parameter microseconds: when it is sent, since 1970.
    package mutating func feedBeginning(at microseconds: Int64) -> [UInt8] {
        line(.system, at: microseconds) { $0.append(.event, WireLogEvent.sniffFeed) }
        return take().bytes
    }

    /// Tells a reader of a sniff feed, in UTF-8, with its newline, that it has lost records here. It has no times.
    package static func feedLoss(of count: Int) -> [UInt8] {
        var lines = JSONRecords()
        lines.begin()
        lines.append(.role, WireLogRole.warning)
        lines.append(.event, WireLogEvent.sniffOverflow)
        lines.append(.lost, count)
        lines.end()
        return lines.take().bytes
    }

    mutating func take() -> RecordBatch { lines.take() }

    mutating func reserve(lines count: Int) { lines.reserve(lines: count) }

    mutating func append(_ entry: WireLogEntry) {
        append(entry.event, of: entry.line, at: entry.microseconds)
    }

    /// Appends nothing for an event that is not written.
    ///
    /// - Parameter name: of the line that it is about, where there are several.
    mutating func append(_ event: BrokerEvent, of name: String? = nil, at microseconds: Int64) {
        guard event.isWritten else { return }
        line(event.role, at: microseconds) { lines in
            lines.append(event)
            guard let name else { return }
            lines.append(.line, name)
            if let unit = event.ownUnit { lines.append(.ownUnit, Int(unit.rawValue)) }
        }
    }

    /// Tells that lines are missing before this one.
    mutating func append(loss event: WireLogEvent, of count: Int, because reason: String?, at microseconds: Int64) {
        line(.warning, at: microseconds) { lines in
            lines.append(.event, event)
            lines.append(.lost, count)
            if let reason { lines.append(.reason, reason) }
        }
    }

    private mutating func line(_ role: WireLogRole, at microseconds: Int64, _ fields: (inout JSONRecords) -> Void) {
        lines.begin()
        lines.append(.timestamp, plain: { timestamp.append(microseconds, to: &$0) })
        lines.append(.role, role)
        fields(&lines)
        lines.append(.seconds, millionths: microseconds)
        lines.end()
    }
}

extension BrokerEvent {
    fileprivate var role: WireLogRole {
        switch self {
        case .request: .request
        case .finished: .reply
        case .attemptFailed, .discarded(_, _, reason: .foreign): .warning
        case .discarded: .drop
        case .passthrough(.bytes): .raw
        case .transmitted, .line, .passthrough, .donglePort, .refused, .client, .admission: .system
        }
    }
}

extension BrokerEvent {
    /// Whether the wire log has a record of it.
    var isWritten: Bool {
        switch self {
        case .request, .finished, .transmitted, .attemptFailed, .discarded, .line, .passthrough, .donglePort: true
        case .refused, .client, .admission: false
        }
    }

    /// The number of a unit on its line, where its client knows it by another.
    fileprivate var ownUnit: UnitIdentifier? {
        guard case .finished(let exchange, _) = self, let unit = exchange.destination?.unit else { return nil }
        return unit == exchange.query.clientUnit ? nil : unit
    }
}
