internal import Endpoints
package import Growatt

/// Units that a dataset describes, and what moves them.
package struct DatasetSettings: Hashable, Sendable {
    /// A file, or the name of a shipped one (`--dataset`).
    package var name: String
    /// Files, or names of shipped ones, in their order (`--profile`); `--mutate` is the shipped `counter`.
    package var profiles: [String] = []
    /// Whether a missing register is exception 2 (`--strict`); default false: it reads 0.
    package var isStrict = false
    /// What a family can be asked for at once (`--read-limit`); default none.
    package var readLimit = ReadLimits.none
    /// How many seconds of the simulated day a second lasts (`--time-scale`); 0.01 to 3600, default 1.
    package var timeScale = 1.0
    /// When the simulated day begins (`--start-time`): seconds since midnight, default noon.
    package var startTime = 12.0 * 3600
    /// Decides about everything that is random (`--seed`); default nil: drawn at the start.
    package var seed: UInt64?
    /// From a request to its reply (`--reply-time`); 0 to 60 s, default 0.
    package var replyTime: Duration = .zero
    /// How fast pseudo-terminals carry bytes, if that was asked for (`--baud`); default nil: at once.
    package var baud: Int?

    package init(name: String) {
        self.name = name
    }

    static let fields: [SettingField<DatasetSettings>] = [
        .value(
            "name", \.name, .text("a file, or the name of a shipped dataset"),
            "A file, or the name of a shipped dataset"),
        .list(
            "profiles", \.profiles, .text("a file, or the name of a shipped profile"),
            "Profiles that change the registers with time: files, or names of shipped profiles"),
        .value(
            "strict", \.isStrict, .truth,
            "Whether reads of missing registers get exception 2; default false: they get 0"),
        .value(
            "read-limit", \.readLimit, .word,
            "Registers above which a read is refused, and across whose multiples; default none"),
        .value(
            "time-scale", \.timeScale, .factor(0.01...3600, "a factor 0.01 to 3600"),
            "How many simulated seconds a second lasts; default 1"),
        .value("start-time", \.startTime, .timeOfDay, "When the simulated day begins; default 12:00"),
        .optional("seed", \.seed, .seed, "Makes clouds and noise repeatable; default: drawn at the start"),
        .value(
            "reply-time", \.replyTime, .duration(.zero...Duration.seconds(60), "0 to 1 m"),
            "Time that units take to answer; default 0"),
        .optional(
            "baud", \.baud, .number(Endpoint.allowedBaud),
            "Bits per second of the pseudo-terminals; default: bytes pass at once"),
    ]

    @Sendable static func check(_ dataset: DatasetSettings, _ reader: YAMLReader) throws(YAMLError) {
        guard dataset.name.isEmpty else { return }
        guard reader.node.isDefault else {
            throw reader.error("name is missing; expected a file, or a shipped dataset")
        }
        throw YAMLError(
            file: "--dataset", place: nil,
            reason: "is missing; expected a file, or the name of a shipped dataset, as in "
                + "`growatt-broker run --mode dataset --dataset min-6000tl-xh`")
    }
}

extension ValueKind<Double> {
    /// As seconds since midnight.
    fileprivate static let timeOfDay = Self(
        allowed: TimeOfDay.allowed, schema: .text(pattern: "^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$"),
        read: { TimeOfDay.seconds($0) }, text: { TimeOfDay.text($0) })
}
