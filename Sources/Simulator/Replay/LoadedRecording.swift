package import WireLog

/// A recording that is ready to be played once: surveyed, and read ahead. To make it takes as long as the file is.
package final class LoadedRecording: Sendable {
    package let survey: RecordingSurvey
    /// nil: nothing moves.
    let stream: RecordingStream?

    /// Reads the whole file, then its beginning. Blocks.
    ///
    /// - Parameter report: hears, on another thread, why reading has ended early.
    /// - Throws: `ReadingError`.
    package init(
        _ settings: RecordingPlayback.Settings, _ path: String, report: @escaping @Sendable (String) -> Void
    ) throws(ReadingError) {
        survey = try RecordingSurvey(path, at: settings.isOver ? .last : .first)
        stream = settings.isOver ? nil : RecordingStream(path, report: report)
    }

    deinit { stream?.stop() }
}
