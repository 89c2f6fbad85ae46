internal import Dispatch
internal import Synchronization

/// The exchanges of a recording, read ahead by a thread of its own: of a file of any size only so many are in memory.
package final class RecordingStream: Sendable {
    /// How many exchanges are read ahead.
    package static let capacity = 4096

    private struct State {
        var exchanges: [RecordedExchange] = []
        /// The first of them that was not taken.
        var start = 0
        var isEnded = false
        /// Nobody listens any more: what is still read is dropped.
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Begins at 0 and is raised, because a semaphore must not be freed below its first value.
    private let room = DispatchSemaphore(value: 0)
    private let isFilled = DispatchSemaphore(value: 0)

    /// Begins to read, and waits until it has read ahead as far as it goes.
    ///
    /// - Parameter report: hears, on the reader's thread, why reading has ended early.
    package init(_ path: String, report: @escaping @Sendable (String) -> Void) {
        for _ in 0..<Self.capacity { room.signal() }
        DispatchQueue(label: "recording").async { self.read(path, report) }
        isFilled.wait()
    }

    private func read(_ path: String, _ report: (String) -> Void) {
        var reader = RecordingReader()
        var pairing = ExchangePairing()
        do throws(ReadingError) {
            try reader.read(path) { line in pairing.take(line, offer) }
        } catch {
            report(error.description)
        }
        pairing.end(offer)
        state.withLock { $0.isEnded = true }
        isFilled.signal()
    }

    private func offer(_ exchange: RecordedExchange) {
        if room.wait(timeout: .now()) == .timedOut {
            isFilled.signal()
            room.wait()
        }
        let isStopped = state.withLock { state in
            if !state.isStopped { state.exchanges.append(exchange) }
            return state.isStopped
        }
        if isStopped { room.signal() }
    }

    /// Lets the reader come to its end.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            state.exchanges = []
            state.start = 0
        }
        room.signal()
    }

    /// Takes out, in their order, the exchanges that are read ahead and began no later than this; they stop at the first
    /// that did. Does not wait for the reader.
    package func take(until microseconds: Int64 = .max) -> [RecordedExchange] {
        let taken = state.withLock { state in
            let rest = state.exchanges[state.start...]
            let taken = Array(rest.prefix { $0.microseconds <= microseconds })
            state.start += taken.count
            if state.start > Self.capacity {
                state.exchanges.removeFirst(state.start)
                state.start = 0
            }
            return taken
        }
        for _ in taken { room.signal() }
        return taken
    }
}
