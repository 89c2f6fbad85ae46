internal import Broker
internal import Dispatch
internal import Synchronization

/// Lines to a stream that its reader may leave unread, such as standard error into a full pipe (R15).
///
/// They are written by a thread of its own, in order, each in one write. What it cannot keep up with, or cannot write, is
/// dropped and counted, and a line says so where the others are missing.
///
/// The process has to ignore SIGPIPE.
package final class QueuedLines: Sendable {
    /// Bytes that may wait, roughly.
    package static let defaultCapacity = 256 << 10

    /// What an element takes in the queue besides its text.
    private static let overhead = 64

    private struct Writer {
        let output: LineDescriptor
        /// Lines that are missing and that nobody was told of yet.
        var lost = 0
    }

    private let queue: ObserverQueue<String>
    private let writer: Mutex<Writer>
    private let thread = DispatchQueue(label: "queued lines")
    private let lossLine: @Sendable (Int) -> String

    /// - Parameters:
    ///   - descriptor: the stream; it stays open.
    ///   - capacity: how many bytes, roughly, may wait for the reader.
    ///   - lossLine: tells that so many lines are missing; called on the writer's thread.
    package init(
        _ descriptor: Int32, capacity: Int = QueuedLines.defaultCapacity,
        lossLine: @escaping @Sendable (_ lost: Int) -> String
    ) {
        queue = ObserverQueue(capacity: capacity)
        writer = Mutex(Writer(output: LineDescriptor(descriptor, isOwned: false, patience: LineDescriptor.endless)))
        self.lossLine = lossLine
    }

    /// Never blocks.
    ///
    /// - Parameter line: without the newline at its end.
    package func append(_ line: String) {
        guard queue.offer(line, weight: line.utf8.count + Self.overhead) else { return }
        thread.async { self.drain() }
    }

    /// Waits until everything that was appended before is written or dropped.
    ///
    /// - Parameter timeout: the longest wait; nil: as long as it takes the reader.
    /// - Returns: whether it was in time.
    @discardableResult
    package func flush(timeout: Duration?) -> Bool {
        let isDone = DispatchSemaphore(value: 0)
        thread.async {
            self.drain()
            isDone.signal()
        }
        let deadline = timeout.map { DispatchTime.now() + .nanoseconds(Int($0.nanoseconds)) }
        return isDone.wait(timeout: deadline ?? .distantFuture) == .success
    }
}

// MARK: The writer's thread

extension QueuedLines {
    private func drain() {
        while let batch = queue.take() {
            writer.withLock { writer in
                writer.lost += batch.lost
                for line in batch.elements { write(line, with: &writer) }
            }
        }
    }

    private func write(_ line: String, with writer: inout Writer) {
        do throws(LogFailure) {
            if writer.lost > 0 {
                try writer.output.append(line: lossLine(writer.lost))
                writer.lost = 0
            }
            try writer.output.append(line: line)
        } catch {
            // Nobody can be told before writing works again.
            writer.lost += 1
        }
    }
}

extension LineDescriptor {
    fileprivate func append(line: String) throws(LogFailure) {
        var bytes = Array("\(line)\n".utf8)[...]
        try append(&bytes)
    }
}
