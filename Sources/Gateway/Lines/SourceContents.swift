internal import Growatt
internal import Settings
internal import Simulator
internal import Text

/// What the files hold that simulated units are made of. To read it may take long, and is not for the event loop.
package struct SourceContents: Sendable {
    enum Kind: Sendable {
        case line
        case dataset(Dataset, Profile?)
        /// Played once.
        case recording(LoadedRecording)
    }

    let kind: Kind

    /// Reads the files. Blocks.
    ///
    /// - Parameters:
    ///   - path: of the line in its configuration.
    ///   - faults: takes what is wrong with a dataset, a profile or a recording.
    ///   - report: hears, on any thread, what is wrong with a recording further on.
    /// - Returns: nil: something is.
    init?(
        of source: GatewayConfiguration.Source, at path: String, _ faults: inout ConfigurationFaults,
        report: @escaping @Sendable (String) -> Void
    ) {
        switch source {
        case .line: kind = .line
        case .dataset(let settings):
            let dataset = faults.attempt("\(path).dataset.name") {
                try WholeFile.refuseEndless(settings.name)
                return try Dataset(serving: settings.name)
            }
            let profile = faults.attempt(
                "\(path).dataset.profiles", better: { settings.profilePath(of: $0).map { "\(path).dataset.\($0)" } }
            ) { try settings.profile }
            guard let dataset, let profile else { return nil }
            let fits: Void? = faults.attempt("\(path).dataset.name") {
                try DatasetUnit.check(dataset, file: settings.name, profile: profile)
            }
            guard fits != nil else { return nil }
            kind = .dataset(dataset, profile)
        case .recording(let settings):
            let recording = faults.attempt("\(path).recording.file") { try settings.loaded(report: report) }
            guard let recording else { return nil }
            kind = .recording(recording)
        }
    }
}

extension DatasetSettings {
    /// nil: nothing moves the registers.
    fileprivate var profile: Profile? {
        get throws(YAMLError) { profiles.isEmpty ? nil : try Profile(profiles) }
    }

    /// That of the profile which an error is about.
    fileprivate func profilePath(of error: any Error) -> String? {
        guard let error = error as? YAMLError else { return nil }
        return profiles.firstIndex(of: error.file).map { "profiles.\($0)" }
    }
}

extension RecordingSettings {
    /// - Throws: `ReadingError`; ``GatewayError/emptyRecording(_:)``.
    fileprivate func loaded(report: @escaping @Sendable (String) -> Void) throws -> LoadedRecording {
        // It is read twice.
        try WholeFile.refuseEndless(file, takesStreams: false)
        let recording = try LoadedRecording(playing, file, report: report)
        guard !recording.survey.units.isEmpty else { throw GatewayError.emptyRecording(file) }
        return recording
    }

    var playing: RecordingPlayback.Settings {
        var playing = RecordingPlayback.Settings()
        playing.speed = speed
        playing.isStrict = order == .strict
        playing.isSilentWhenUnseen = unseen == .silence
        return playing
    }
}
