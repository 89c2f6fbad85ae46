/// How a recording is played.
package struct RecordingSettings: Hashable, Sendable {
    package enum Order: String, CaseIterable, Hashable, Sendable {
        /// The latest values at that moment of the recording.
        case latest
        /// Each request gets the next reply that it got in the recording.
        case strict
    }

    package enum Unseen: String, CaseIterable, Hashable, Sendable {
        case exception, silence
    }

    /// A wire log or a capture (`--recording`).
    package var file: String
    /// How fast its time goes (`--speed`), 0.01 to 10,000; nil (`max`): it is over at once; default 1.
    package var speed: Double? = 1
    /// What a request gets (`--order`); default the latest values.
    package var order = Order.latest
    /// What a request gets that is not in the recording (`--unseen`); default exception 2.
    package var unseen = Unseen.exception

    package init(file: String) {
        self.file = file
    }

    static let fields: [SettingField<RecordingSettings>] = [
        .value("file", \.file, .recording, "A wire log or a capture, plain or gzip"),
        .value("speed", \.speed, .speed, "The speed of the recording: a factor, or max for no pauses; default 1"),
        .value(
            "order", \.order, .word,
            "latest answers with the values of the moment, strict with each reply in its turn; default latest"
        ),
        .value(
            "unseen", \.unseen, .word,
            "The answer to requests that the recording does not hold: exception (2) or silence; default exception"),
    ]

    @Sendable static func check(_ recording: RecordingSettings, _ reader: YAMLReader) throws(YAMLError) {
        guard recording.file.isEmpty else { return }
        guard reader.node.isDefault else { throw reader.error("file is missing; expected a wire log or a capture") }
        throw YAMLError(
            file: "--recording", place: nil,
            reason: "is missing; expected a wire log or a capture, as in "
                + "`growatt-broker run --mode replay --recording wire.jsonl`")
    }
}

extension ValueKind<String> {
    fileprivate static let recording = Self(
        allowed: "a file, because it is read twice", schema: .text(), read: { $0.isEmpty || $0 == "-" ? nil : $0 },
        text: { $0 })
}

extension ValueKind<Double?> {
    /// nil: `max`.
    static let speed = Self(
        allowed: "max, or a factor 0.01 to 10000", schema: .anyOf([.words(["max"]), .number]),
        read: { text -> Double?? in
            if text == "max" { return .some(nil) }
            return Double(plain: text).flatMap { (0.01...10_000).contains($0) ? .some($0) : nil }
        }, text: { $0.map { "\($0)" } ?? "max" })
}
