internal import Dispatch
internal import Synchronization

/// Opened lines on their way from the thread that reads them to the one that looks at them; bounded.
///
/// Opening lines takes as long as what is done with them: two threads share it.
final class LinesAhead: Sendable {
    struct Batch: Sendable {
        var lines: [RecordedLine] = []
        /// How far the file was read when these lines were opened.
        let progress: RecordingReader.Progress
    }

    /// How reading has ended: the reader as it is then, and why if it was not the end of the file.
    struct Ending: Sendable {
        let reader: RecordingReader
        let error: ReadingError?
    }

    private struct State {
        /// The oldest first.
        var batches: [Batch] = []
        var ending: Ending?
    }

    /// The most lines of a batch.
    static let batchSize = 256
    /// Batches that wait: some milliseconds of work, so that a thread that has to wait for a processor does not stop the
    /// other one. All of a chunk of the file at most, so a few megabytes.
    private static let capacity = 32

    private let state = Mutex(State())
    /// Begins at 0 and is raised, because a semaphore must not be freed below its first value.
    private let room = DispatchSemaphore(value: 0)
    private let news = DispatchSemaphore(value: 0)

    /// Begins to read.
    ///
    /// - Parameter read: runs on a thread of its own, offers the batches and returns how it ended.
    init(_ read: @escaping @Sendable (LinesAhead) -> Ending) {
        for _ in 0..<Self.capacity { room.signal() }
        DispatchQueue(label: "lines").async {
            let ending = read(self)
            self.state.withLock { $0.ending = ending }
            self.news.signal()
        }
    }

    /// Waits for room.
    func offer(_ batch: Batch) {
        room.wait()
        state.withLock { $0.batches.append(batch) }
        news.signal()
    }

    /// Waits for the next batch. All have to be taken: only then the thread ends.
    ///
    /// - Returns: nil behind the last one.
    func take() -> Batch? {
        news.wait()
        guard let batch = state.withLock({ $0.batches.isEmpty ? nil : $0.batches.removeFirst() }) else { return nil }
        room.signal()
        return batch
    }

    /// Nil before ``take()`` has returned nil.
    var ending: Ending? { state.withLock { $0.ending } }
}
