internal import Recording
internal import Settings
internal import Simulator

/// What the files hold that simulated units are made of. To read it may take long, and is not for the event loop.
package struct SourceContents: Sendable {
    enum Kind: Sendable {
        case line
        case dataset(Dataset, Profile?)
        /// Played once.
        case recording(LoadedRecording)
    }

    /// A failure is for who makes units of it: a line that stays as it is needs none of its files any more.
    let kind: Result<Kind, any Error>

    /// Reads the files. Blocks.
    ///
    /// - Parameter report: hears, on any thread, what is wrong with a recording further on.
    init(of source: GatewayConfiguration.Source, report: @escaping @Sendable (String) -> Void) {
        kind = Result { try Kind(source, report) }
    }
}

extension SourceContents.Kind {
    /// - Throws: `DatasetError`, `YAMLError` of a profile, `ReadingError`.
    fileprivate init(_ source: GatewayConfiguration.Source, _ report: @escaping @Sendable (String) -> Void) throws {
        switch source {
        case .line: self = .line
        case .dataset(let settings):
            self = .dataset(
                try Dataset(serving: settings.name), settings.profiles.isEmpty ? nil : try Profile(settings.profiles))
        case .recording(let settings):
            self = .recording(try LoadedRecording(settings.playing, settings.file, report: report))
        }
    }
}

extension GatewayConfiguration {
    /// The same, with what is in the files of its simulated units. Blocks: not for the event loop.
    ///
    /// - Parameters:
    ///   - old: what runs; what it has already is not read again. nil: nothing runs.
    ///   - report: hears, on any thread, what is wrong with a recording further on.
    func loaded(
        after old: GatewayConfiguration?, report: @escaping @Sendable (String) -> Void
    ) -> GatewayConfiguration {
        var loaded = self
        for (index, line) in lines.enumerated() {
            let running = old?.lines.first { $0.name == line.name }
            if let running, !line.needsOtherSource(than: running) { continue }
            loaded.lines[index].contents = SourceContents(of: line.source, report: report)
        }
        return loaded
    }
}

extension RecordingSettings {
    var playing: RecordingPlayback.Settings {
        var playing = RecordingPlayback.Settings()
        playing.speed = speed
        playing.isStrict = order == .strict
        playing.isSilentWhenUnseen = unseen == .silence
        return playing
    }
}
