/// Units that a dataset describes, and what moves them.
package struct DatasetSettings: Hashable, Sendable {
    /// A file, or the name of a shipped one (`--dataset`).
    package var name: String
    /// Files, or names of shipped ones, in their order (`--profile`); `--mutate` is the shipped `counter`.
    package var profiles: [String] = []
    /// Whether a missing register is exception 2 (`--strict`); default false: it reads 0.
    package var isStrict = false
    /// What a family can be asked for at once (`--read-limit`): none, 45 or 125 registers; default none.
    package var readLimit = "none"
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
}

extension SettingReader {
    /// - Throws: `SettingsError.datasetMissing` and `.invalid`.
    func dataset() throws(SettingsError) -> DatasetSettings {
        guard let name = text(.dataset), !name.isEmpty else { throw .datasetMissing }
        var settings = DatasetSettings(name: name)
        settings.profiles = texts[.profile] ?? []
        if try truth(.mutate) == true { settings.profiles.append("counter") }
        settings.isStrict = try truth(.strict) ?? false
        settings.readLimit =
            try value(.readLimit, allowed: "none, 45 or 125") { ["none", "45", "125"].contains($0) ? $0 : nil }
            ?? settings.readLimit
        settings.timeScale =
            try value(.timeScale, allowed: "a factor 0.01 to 3600") { text in
                Double(plain: text).flatMap { (0.01...3600).contains($0) ? $0 : nil }
            } ?? settings.timeScale
        settings.startTime =
            try value(.startTime, allowed: TimeOfDay.allowed) { TimeOfDay.seconds($0) }
            ?? settings.startTime
        settings.seed = try value(.seed, allowed: "0 to \(UInt64.max)") { UInt64($0) }
        settings.replyTime =
            try duration(.replyTime, in: .zero ... .seconds(60), "0 to 1 m") ?? settings.replyTime
        settings.baud = try number(.baud, in: Endpoint.allowedBaud)
        return settings
    }
}

extension Double {
    /// A number in plain decimals.
    init?(plain text: String) {
        guard text.utf8.allSatisfy({ "0123456789.".utf8.contains($0) }) else { return nil }
        self.init(text)
    }
}
