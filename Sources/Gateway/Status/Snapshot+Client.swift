extension Snapshot {
    /// All clients of one address.
    package struct Client: SnapshotPart {
        /// `others`: those for whose addresses there was no room.
        package var address: String?
        /// By `clients.names`.
        package var name: String?
        /// nil: of several kinds, perhaps.
        package var kind: String?
        package var outcomes = Outcomes()
        package var lastMinute = Recent()
        package var lastRequest: Duration?
        package var waitingTime = Times()

        package init() {}

        package static let fields: [SnapshotField<Self>] =
            [.value("address", \.address, .text), .value("name", \.name, .text), .value("kind", \.kind, .text)]
            + SnapshotField.members(of: \.outcomes) + [
                .part("lastMinute", \.lastMinute), .value("lastRequestSeconds", \.lastRequest, .seconds),
                .part("waitingTime", \.waitingTime),
            ]
    }

    /// How often each end of a request came.
    package struct Outcomes: SnapshotPart {
        package var answered: Int?
        package var exceptions: Int?
        package var timeouts: Int?
        /// The sum of the four that follow it.
        package var notSent: Int?
        package var asleep: Int?
        package var refused: Int?
        package var busy: Int?
        package var unavailable: Int?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("answered", \.answered, .count), .value("exceptions", \.exceptions, .count),
            .value("timeouts", \.timeouts, .count), .value("notSent", \.notSent, .count),
            .value("asleep", \.asleep, .count), .value("refused", \.refused, .count),
            .value("busy", \.busy, .count), .value("unavailable", \.unavailable, .count),
        ]
    }

    /// Outcomes of the last 60 s.
    package struct Recent: SnapshotPart {
        package var answered: Int?
        package var exceptions: Int?
        package var failed: Int?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("answered", \.answered, .count), .value("exceptions", \.exceptions, .count),
            .value("failed", \.failed, .count),
        ]
    }

    /// Durations of one kind; nil: there was none.
    package struct Times: SnapshotPart {
        package var mean: Duration?
        package var longest: Duration?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("meanMilliseconds", \.mean, .milliseconds), .value("longestMilliseconds", \.longest, .milliseconds),
        ]
    }
}

/// The reply to `passthrough`.
package struct PassthroughReply: SnapshotPart {
    /// nil: it has ended.
    package var passthrough: Snapshot.Passthrough?
    /// Warnings, in words.
    package var notes: [String] = []

    package init() {}

    package static let fields: [SnapshotField<Self>] = [
        .optionalPart("passthrough", \.passthrough), .texts("notes", \.notes),
    ]
}
