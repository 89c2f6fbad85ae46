internal import Dispatch
internal import Synchronization
package import WireLog

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

        mutating func take(_ count: Int) -> [RecordedExchange] {
            let taken = Array(exchanges[start...].prefix(count))
            start += taken.count
            if start > RecordingStream.capacity {
                exchanges.removeFirst(start)
                start = 0
            }
            return taken
        }
    }

    private let state = Mutex(State())
    /// Begins at 0 and is raised, because a semaphore must not be freed below its first value.
    private let room = DispatchSemaphore(value: 0)
    /// How many exchanges can be taken; one more at the end.
    private let stock = DispatchSemaphore(value: 0)
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
        stock.signal()
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
        if isStopped { room.signal() } else { stock.signal() }
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

    /// Whether everything was read and taken.
    package var isOver: Bool { state.withLock { $0.isEnded && $0.start == $0.exchanges.count } }

    /// Takes out, in their order, the exchanges that are read ahead and began no later than this; they stop at the first
    /// that did. Does not wait for the reader.
    package func take(until microseconds: Int64) -> [RecordedExchange] {
        let taken = state.withLock { state in
            state.take(state.exchanges[state.start...].prefix { $0.microseconds <= microseconds }.count)
        }
        for _ in taken {
            stock.wait()
            room.signal()
        }
        return taken
    }

    /// Takes out the next exchange, and waits until it is read; nil: there is none. Not to be called once it is stopped.
    package func next() -> RecordedExchange? {
        stock.wait()
        guard let next = state.withLock({ $0.take(1) }).first else {
            // The end can be found again.
            stock.signal()
            return nil
        }
        room.signal()
        return next
    }
}
