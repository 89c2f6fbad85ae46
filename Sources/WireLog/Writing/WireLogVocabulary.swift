/// The first word of every line: what kind of event it tells.
package enum WireLogRole: String, CaseIterable, Hashable, Sendable {
    case request = "REQ"
    case reply = "RSP"
    /// Bytes that were delivered to nobody.
    case drop = "DROP"
    case warning = "WARN"
    case system = "SYS"
    /// Bytes of a passthrough, as they came, whatever they mean.
    case raw = "RAW"
}

/// The name of a field: ASCII that needs no escaping.
package struct WireLogField: Sendable {
    let name: StaticString

    package static let timestamp = WireLogField(name: "ts")
    /// Seconds since 1970, with microseconds.
    package static let seconds = WireLogField(name: "t")
    package static let role = WireLogField(name: "role")
    package static let event = WireLogField(name: "event")
    package static let fromClient = WireLogField(name: "from_client")
    package static let toClient = WireLogField(name: "to_client")
    package static let from = WireLogField(name: "from")
    package static let to = WireLogField(name: "to")
    package static let isIntact = WireLogField(name: "crc_ok")
    package static let hex = WireLogField(name: "hex")
    package static let unit = WireLogField(name: "uid")
    /// The name of a line, where there are several.
    package static let line = WireLogField(name: "line")
    /// The number of a unit on its line, where its client has another.
    package static let ownUnit = WireLogField(name: "line_uid")
    package static let function = WireLogField(name: "func")
    package static let length = WireLogField(name: "len")
    package static let address = WireLogField(name: "addr")
    package static let quantity = WireLogField(name: "count")
    package static let value = WireLogField(name: "value")
    package static let busTime = WireLogField(name: "rtt_ms")
    package static let waitingTime = WireLogField(name: "queue_ms")
    package static let attempt = WireLogField(name: "attempt")
    package static let source = WireLogField(name: "source")
    package static let outcome = WireLogField(name: "outcome")
    package static let error = WireLogField(name: "error")
    package static let isDelivered = WireLogField(name: "delivered")
    package static let reason = WireLogField(name: "reason")
    package static let timeout = WireLogField(name: "timeout")
    package static let lost = WireLogField(name: "lost")
    package static let port = WireLogField(name: "port")
    package static let baud = WireLogField(name: "baud")
    package static let format = WireLogField(name: "fmt")
    package static let peer = WireLogField(name: "peer")
    package static let version = WireLogField(name: "version")
    package static let minutes = WireLogField(name: "minutes")
    package static let clientBytes = WireLogField(name: "client_bytes")
    package static let lineBytes = WireLogField(name: "line_bytes")
    package static let lostBytes = WireLogField(name: "lost_bytes")
}

/// What a WARN or SYS line tells: ASCII that needs no escaping.
package struct WireLogEventName: Sendable {
    let name: StaticString

    package static let downstreamTimeout = WireLogEventName(name: "downstream_timeout")
    /// A reply of the expected length with a wrong CRC.
    package static let damagedReply = WireLogEventName(name: "damaged_reply")
    package static let foreignFrame = WireLogEventName(name: "foreign_frame")
    package static let logOverflow = WireLogEventName(name: "log_overflow")
    package static let logWriteFailed = WireLogEventName(name: "log_write_failed")
    package static let retry = WireLogEventName(name: "retry")
    package static let echoProbe = WireLogEventName(name: "echo_probe")
    package static let probe = WireLogEventName(name: "probe")
    package static let part = WireLogEventName(name: "part")
    package static let inverterOnline = WireLogEventName(name: "inverter_online")
    package static let inverterOffline = WireLogEventName(name: "inverter_offline")
    package static let shineOnline = WireLogEventName(name: "shine_online")
    package static let shineOffline = WireLogEventName(name: "shine_offline")
    package static let clientConnected = WireLogEventName(name: "client_connected")
    package static let clientDisconnected = WireLogEventName(name: "client_disconnected")
    package static let unitSilent = WireLogEventName(name: "unit_silent")
    package static let unitLive = WireLogEventName(name: "unit_live")
    package static let echoDetected = WireLogEventName(name: "echo_detected")
    package static let started = WireLogEventName(name: "started")
    /// The first record for each reader of a sniff feed, which identifies the feed.
    package static let sniffFeed = WireLogEventName(name: "sniff_feed")
    package static let stopping = WireLogEventName(name: "stopping")
    package static let reloaded = WireLogEventName(name: "reloaded")
    package static let passthroughStarted = WireLogEventName(name: "passthrough_started")
    /// It should have ended, but an update goes on.
    package static let passthroughPutOff = WireLogEventName(name: "passthrough_end_put_off")
    package static let passthroughEnded = WireLogEventName(name: "passthrough_ended")
}

/// How the wire log calls the line's other end; it has been so since the prototype.
enum WireLogName {
    static let line: StaticString = "INVERTER"
}
