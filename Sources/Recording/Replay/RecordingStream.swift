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
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: RecordingStream.capacity)
    private let isFilled = DispatchSemaphore(value: 0)

    /// Begins to read, and waits until it has read ahead as far as it goes.
    ///
    /// - Parameter report: hears, on the reader's thread, why reading has ended early.
    package init(_ path: String, report: @escaping @Sendable (String) -> Void) {
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
        state.withLock { $0.exchanges.append(exchange) }
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

    /// Whether everything was taken.
    package var isOver: Bool { state.withLock { $0.isEnded && $0.start == $0.exchanges.count } }
}
