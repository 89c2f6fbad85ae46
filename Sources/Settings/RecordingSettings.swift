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
}

/// A recording that is asked of a server.
package struct ReplaySettings: Hashable, Sendable {
    package var recording: String
    package var server: HostPort
    /// nil: no pauses.
    package var speed: Double?

    /// Reads the texts of `--as-client`, `--tcp` and `--speed`.
    ///
    /// - Throws: `SettingsError.invalid`.
    package init(_ texts: [SettingKey: [String]]) throws(SettingsError) {
        let reader = SettingReader(texts: texts)
        guard let recording = reader.text(.asClient), !recording.isEmpty else {
            throw .invalid(.asClient, value: "", allowed: "a wire log or a capture, or - for the standard input")
        }
        self.recording = recording
        guard let text = reader.text(.tcp), let server = HostPort(text), server.port > 0 else {
            let allowed = "the host:port of a Modbus TCP server, such as 127.0.0.1:5020"
            throw .invalid(.tcp, value: reader.text(.tcp) ?? "", allowed: allowed)
        }
        self.server = server
        speed = try reader.speed()
    }
}

extension SettingReader {
    /// - Throws: `SettingsError.recordingMissing` and `.invalid`.
    func recording() throws(SettingsError) -> RecordingSettings {
        guard let file = text(.recording), !file.isEmpty else { throw .recordingMissing }
        guard file != "-" else {
            throw .invalid(.recording, value: file, allowed: "a file, because it is read twice")
        }
        if let own = [SettingKey.log, .capture].first(where: { text($0) == file }) {
            throw .invalid(own, value: file, allowed: "another file than the recording")
        }
        var settings = RecordingSettings(file: file)
        settings.speed = try speed()
        settings.order = try value(.order, allowed: "latest or strict") { .init(rawValue: $0) } ?? settings.order
        settings.unseen =
            try value(.unseen, allowed: "exception or silence") { .init(rawValue: $0) } ?? settings.unseen
        return settings
    }

    /// 1 without the flag; nil: `max`.
    func speed() throws(SettingsError) -> Double? {
        guard let text = text(.speed) else { return 1 }
        if text == "max" { return nil }
        return try value(.speed, allowed: "max, or a factor 0.01 to 10000") { text in
            Double(plain: text).flatMap { (0.01...10_000).contains($0) ? $0 : nil }
        }
    }
}
