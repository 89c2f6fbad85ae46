/// Whether the broker writes a word.
package enum WordUse: Hashable, Sendable {
    case written
    /// Only recordings of others and of earlier versions have it.
    case readOnly
}

/// A name or a word of wire logs and captures, for writing and for reading: ASCII that needs no escaping.
package protocol WireLogWord: Hashable, CaseIterable, RawRepresentable<String>, Sendable {
    var use: WordUse { get }
}

/// The first word of every record: what kind of event it tells.
package enum WireLogRole: String, WireLogWord {
    case request = "REQ"
    case reply = "RSP"
    /// Bytes that were delivered to nobody.
    case drop = "DROP"
    case warning = "WARN"
    case system = "SYS"
    /// Bytes of a passthrough, as they came, whatever they mean.
    case raw = "RAW"

    package var use: WordUse { .written }
}

/// The name of a field.
package enum WireLogField: String, WireLogWord {
    /// In a wire log local time, in a capture seconds since 1970.
    case timestamp = "ts"
    /// Seconds since 1970, with microseconds.
    case seconds = "t"
    case role
    case event
    case fromClient = "from_client"
    case toClient = "to_client"
    case from
    case to
    case isIntact = "crc_ok"
    case hex
    case unit = "uid"
    /// The name of a line, where there are several.
    case line
    /// The number of a unit on its line, where its client has another.
    case ownUnit = "line_uid"
    case function = "func"
    case length = "len"
    case address = "addr"
    case quantity = "count"
    case value
    case busTime = "rtt_ms"
    case waitingTime = "queue_ms"
    case attempt
    case source
    case outcome
    case error
    case isDelivered = "delivered"
    case reason
    case timeout
    case lost
    case port
    case baud
    case format = "fmt"
    case minutes
    case clientBytes = "client_bytes"
    case lineBytes = "line_bytes"
    case lostBytes = "lost_bytes"
    /// A capture's ``CapturedCall``.
    case operation = "op"
    /// Captures have always called it so; wire logs say `uid`.
    case capturedUnit = "unit"
    /// What was read.
    case registers = "regs"
    /// What was written.
    case values
    case code
    case pdu
    case reply

    package var use: WordUse { .written }

    /// Whether a reader looks at it; it passes over all others, and over fields that are not here.
    var isRead: Bool {
        switch self {
        case .from, .to, .isIntact, .ownUnit, .length, .attempt, .isDelivered, .timeout, .port, .minutes, .clientBytes,
            .lineBytes, .lostBytes:
            false
        case .timestamp, .seconds, .role, .event, .fromClient, .toClient, .hex, .unit, .line, .function, .address,
            .quantity, .value, .busTime, .waitingTime, .source, .outcome, .error, .reason, .lost, .baud, .format,
            .operation, .capturedUnit, .registers, .values, .code, .pdu, .reply:
            true
        }
    }
}

/// What a WARN or SYS record tells.
package enum WireLogEvent: String, WireLogWord {
    case downstreamTimeout = "downstream_timeout"
    /// A reply of the expected length with a wrong CRC.
    case damagedReply = "damaged_reply"
    case foreignFrame = "foreign_frame"
    case logOverflow = "log_overflow"
    case logWriteFailed = "log_write_failed"
    case retry
    case echoProbe = "echo_probe"
    case probe
    case part
    case inverterOnline = "inverter_online"
    case inverterOffline = "inverter_offline"
    case shineOnline = "shine_online"
    case shineOffline = "shine_offline"
    case clientConnected = "client_connected"
    case clientDisconnected = "client_disconnected"
    case unitSilent = "unit_silent"
    case unitLive = "unit_live"
    case echoDetected = "echo_detected"
    case started, stopping, reloaded
    /// The first record for each reader of a sniff feed, which identifies the feed.
    case sniffFeed = "sniff_feed"
    /// A reader of the feed has lost records; the feed writes it without times.
    case sniffOverflow = "sniff_overflow"
    case passthroughStarted = "passthrough_started"
    /// It should have ended, but an update goes on.
    case passthroughPutOff = "passthrough_end_put_off"
    case passthroughEnded = "passthrough_ended"
    /// How a reader counts an event that is not here.
    case other

    package var use: WordUse {
        switch self {
        case .downstreamTimeout, .damagedReply, .foreignFrame, .logOverflow, .logWriteFailed, .retry, .echoProbe,
            .probe, .part, .inverterOnline, .inverterOffline, .shineOnline, .shineOffline, .unitSilent, .unitLive,
            .echoDetected, .sniffFeed, .sniffOverflow, .passthroughStarted, .passthroughPutOff, .passthroughEnded:
            .written
        case .clientConnected, .clientDisconnected, .started, .stopping, .reloaded, .other: .readOnly
        }
    }
}

/// The operation of a capture's record.
enum CapturedCall: String, WireLogWord {
    case readHolding = "read_holding"
    case readInput = "read_input"
    case writeSingle = "write_single"
    case writeMultiple = "write_multiple"
    case raw

    var use: WordUse { .written }
}

/// Words that no reader compares.
enum WireLogName {
    /// How the wire log calls the line's other end; it has been so since the prototype.
    static let line: StaticString = "INVERTER"
    /// A capture's `error` where the reply is an exception.
    static let exception: StaticString = "exception"
}
