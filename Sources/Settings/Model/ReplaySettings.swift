/// A recording that is asked of a server.
package struct ReplaySettings: Hashable, Sendable {
    package var recording: String
    package var server: HostPort
    /// nil: no pauses.
    package var speed: Double?

    /// Reads the texts of `--recording`, `--tcp` and `--speed`.
    ///
    /// - Throws: `SettingsError.invalid` and `.recordingMissing`.
    package init(_ texts: [SettingKey: [String]]) throws(SettingsError) {
        let reader = SettingReader(texts: texts)
        guard let recording = reader.text(.recording), !recording.isEmpty else { throw .recordingMissing }
        self.recording = recording
        guard case .some(.some(let server)) = try reader.address(.tcp), server.port > 0 else {
            throw .invalid(.tcp, value: reader.text(.tcp) ?? "", allowed: "the host:port of a Modbus TCP server")
        }
        self.server = server
        speed = try reader.speed()
    }
}

extension SettingReader {
    /// 1 without the flag; nil: `max`.
    fileprivate func speed() throws(SettingsError) -> Double? {
        let kind = ValueKind<Double?>.speed
        return try value(.speed, allowed: kind.allowed, kind.read) ?? 1
    }
}
