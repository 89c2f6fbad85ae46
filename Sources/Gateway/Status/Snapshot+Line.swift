extension Snapshot {
    /// A line, and the units on it.
    package struct Line: SnapshotPart {
        package var name: String?
        package var endpoint: String?
        /// `open`, `closed`, `passthrough` or `simulated`.
        package var state: String?
        /// nil: none is on.
        package var passthrough: Passthrough?
        /// Since the port was opened or lost.
        package var since: Duration?
        /// Why the port was lost.
        package var reason: String?
        /// Queries that wait for their turn.
        package var waiting: Int?
        /// The most that may wait; nil: simulated units.
        package var queueLimit: Int?
        package var lastMinute = Recent()
        package var retries: Int?
        package var failedAttempts: Int?
        package var foreignFrames: Int?
        package var lateReplies: Int?
        package var noiseBytes: Int?
        package var firmwareWritesRefused: Int?
        package var units: [Unit] = []

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("name", \.name, .text), .value("endpoint", \.endpoint, .text), .value("state", \.state, .text),
            .optionalPart("passthrough", \.passthrough), .value("sinceSeconds", \.since, .seconds),
            .value("reason", \.reason, .text), .value("waiting", \.waiting, .count),
            .value("queueLimit", \.queueLimit, .count), .part("lastMinute", \.lastMinute),
            .value("retries", \.retries, .count), .value("failedAttempts", \.failedAttempts, .count),
            .value("foreignFrames", \.foreignFrames, .count), .value("lateReplies", \.lateReplies, .count),
            .value("noiseBytes", \.noiseBytes, .count),
            .value("firmwareWritesRefused", \.firmwareWritesRefused, .count), .parts("units", \.units),
        ]
    }

    /// A unit by its own number.
    package struct Unit: SnapshotPart {
        package var unit: Int?
        /// `unknown`, `live` or `silent`.
        package var state: String?
        package var outcomes = Outcomes()
        package var lastReply: Duration?
        package var replyTime = Times()

        package init() {}

        package static let fields: [SnapshotField<Self>] =
            [.value("unit", \.unit, .count), .value("state", \.state, .text)] + SnapshotField.members(of: \.outcomes)
            + [
                .value("lastReplySeconds", \.lastReply, .seconds), .part("replyTime", \.replyTime),
            ]
    }

    /// The dongle's port and the line, joined for a firmware update.
    package struct Passthrough: SnapshotPart {
        /// `waiting`, `joined` or `ending`.
        package var phase: String?
        package var since: Duration?
        package var left: Duration?
        /// Since the last byte of an update; nil: none so far.
        package var updateByte: Duration?
        package var dongleBytes: Int?
        package var inverterBytes: Int?
        package var lostBytes: Int?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("phase", \.phase, .text), .value("sinceSeconds", \.since, .seconds),
            .value("leftSeconds", \.left, .seconds), .value("updateByteSeconds", \.updateByte, .seconds),
            .value("dongleBytes", \.dongleBytes, .count), .value("inverterBytes", \.inverterBytes, .count),
            .value("lostBytes", \.lostBytes, .count),
        ]
    }
}
