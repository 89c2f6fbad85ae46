/// What answers the queries (`--mode`).
package enum SourceSettings: Hashable, Sendable {
    /// `live`: the units on the inverter's line.
    case line
    /// `dataset`: units that a dataset describes.
    case dataset(DatasetSettings)
    /// `replay`: what a recording has.
    case recording(RecordingSettings)
}

/// The word for it on the command line.
package enum SourceMode: String, CaseIterable, Hashable, Sendable {
    case live, dataset, replay
}
