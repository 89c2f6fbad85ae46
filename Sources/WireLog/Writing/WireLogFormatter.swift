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

    /// The line of one note, in UTF-8, with its newline.
    ///
    /// - Parameter microseconds: when it happened, since 1970.
    package mutating func line(_ note: WireLogNote, at microseconds: Int64) -> [UInt8] {
        append(note, at: microseconds)
        return take().bytes
    }

    mutating func take() -> RecordBatch { lines.take() }

    mutating func reserve(lines count: Int) { lines.reserve(lines: count) }

    mutating func append(_ entry: WireLogEntry) {
        switch entry.content {
        case .event(let event): append(event, of: entry.line, at: entry.microseconds)
        case .note(let note): append(note, at: entry.microseconds)
        }
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

    mutating func append(_ note: WireLogNote, at microseconds: Int64) {
        line(note.role, at: microseconds) { lines in
            lines.append(.event, note.event)
            for (field, value) in note.fields { lines.append(field, value) }
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
        case .transmitted, .line, .passthrough, .donglePort, .refused, .client: .system
        }
    }
}

extension BrokerEvent {
    /// Whether the wire log has a record of it.
    var isWritten: Bool {
        switch self {
        case .request, .finished, .transmitted, .attemptFailed, .discarded, .line, .passthrough, .donglePort: true
        case .refused, .client: false
        }
    }

    /// The number of a unit on its line, where its client knows it by another.
    fileprivate var ownUnit: UnitIdentifier? {
        guard case .finished(let exchange, _) = self, let unit = exchange.destination?.unit else { return nil }
        return unit == exchange.query.clientUnit ? nil : unit
    }
}

extension JSONRecords {
    fileprivate mutating func append(_ field: WireLogField, _ value: WireLogNote.Value) {
        switch value {
        case .text(let text): append(field, text)
        case .number(let number): append(field, number)
        case .flag(let flag): append(field, flag)
        }
    }
}
