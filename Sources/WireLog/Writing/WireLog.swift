package import Broker
internal import Dispatch
internal import Modbus
internal import Synchronization

/// The log of everything that was on the lines and everything that clients asked, or a capture of it, as JSON Lines (R15).
///
/// Called from the event loop, which it never delays: ``offer(_:)`` only appends to a bounded queue. A thread of its
/// own makes lines of what waits, hands them to the subscribers and writes them, a batch at a time. What it cannot
/// keep up with, or cannot write, is dropped and counted, and the log says so where the lines are missing.
///
/// With standard output as destination the process has to ignore SIGPIPE.
package final class WireLog: Sendable {
    /// Bytes that may wait, roughly.
    package static let defaultCapacity = 8 << 20

    /// Entries that come within this time are written at once.
    private static let gatheringTime = DispatchTimeInterval.milliseconds(10)

    private let queue: ObserverQueue<WireLogEntry>
    private let writer: Mutex<WireLogWriter>
    private let audience: WireLogAudience
    private let thread = DispatchQueue(label: "wire log")
    private let clock: WireLogClock
    private let losses = Atomic(0)
    private let writtenLines = Atomic(0)
    /// How many times it is to go on somewhere else, and has not yet.
    private let redirections = Atomic(0)
    private let format: LogFormat

    /// Opens the destination, on the writer's thread: a failure is reported and tried again, as any later one.
    ///
    /// - Parameters:
    ///   - format: a capture holds only exchanges.
    ///   - capacity: how many bytes, roughly, may wait for the writer.
    ///   - report: hears, on the writer's thread, one line when losing begins and one when it ends.
    package convenience init(
        _ destination: WireLogDestination, format: LogFormat = .wireLog, clock: WireLogClock = .system,
        capacity: Int = WireLog.defaultCapacity, report: @escaping @Sendable (String) -> Void
    ) {
        self.init(
            output: destination.output(of: format), format: format, clock: clock, capacity: capacity,
            report: report
        )
    }

    init(
        output: sending (any LogOutput)?, format: LogFormat = .wireLog, clock: WireLogClock,
        capacity: Int,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.clock = clock
        self.format = format
        queue = ObserverQueue(capacity: capacity)
        audience = WireLogAudience(hasOutput: output != nil)
        writer = Mutex(
            WireLogWriter(output, format: format, clock: clock, report: report))
        thread.async { self.writer.withLock { $0.open() } }
    }

    /// How many entries and lines were dropped so far.
    package var lost: Int { losses.load(ordering: .relaxed) }

    /// The number of lines written so far.
    package var written: Int { writtenLines.load(ordering: .relaxed) }

    /// Records an event. Never blocks; costs next to nothing where nobody hears of it.
    ///
    /// - Parameters:
    ///   - line: the name of the line that it is about; nil: there is only one, or it is about none.
    ///   - microseconds: when it happened, since 1970; nil: now.
    package func offer(_ event: BrokerEvent, line: String? = nil, at microseconds: Int64? = nil) {
        guard audience.isPresent, format.takes(event) else { return }
        let entry = WireLogEntry(event: event, microseconds: microseconds ?? clock.wall(), line: line)
        guard queue.offer(entry, weight: entry.weight) else { return }
        thread.asyncAfter(deadline: .now() + Self.gatheringTime) { self.drain() }
    }

    /// Hands every further batch of lines to `body`.
    ///
    /// - Parameter body: gets whole lines in UTF-8. It is called on the writer's thread and must not block.
    package func subscribe(_ body: @escaping @Sendable (_ lines: [UInt8]) -> Void) -> WireLogSubscription {
        WireLogSubscription(audience, audience.insert(body))
    }
}

// MARK: Control

extension WireLog {
    /// Opens the file again (SIGHUP); what waits goes to the new one. Does not wait for it.
    package func reopen() {
        thread.async { self.writer.withLock { $0.reopen() } }
    }

    /// Writes what waits, and goes on somewhere else. Does not wait for it; subscribers notice nothing.
    ///
    /// What is offered from now on goes there, however late the writer is.
    package func redirect(to destination: WireLogDestination) {
        audience.outputChanged(isThere: destination != .none)
        redirections.add(1, ordering: .sequentiallyConsistent)
        var before: [ObserverQueue<WireLogEntry>.Batch] = []
        while let batch = queue.take() { before.append(batch) }
        thread.async { [before] in
            for batch in before { self.write(batch) }
            self.writer.withLock { $0.redirect(to: destination.output(of: self.format)) }
            self.audience.outputChanged(isThere: destination != .none)
            self.redirections.subtract(1, ordering: .sequentiallyConsistent)
            self.drain()
        }
    }

    /// Waits until everything that was offered before is written or dropped.
    ///
    /// - Parameter timeout: the longest wait; a pipe that nobody reads would hold the writer for ever.
    /// - Returns: whether it was in time.
    @discardableResult
    package func flush(timeout: Duration = .seconds(2)) -> Bool {
        perform(timeout) { self.drain() }
    }

    /// Writes what waits, closes the file and ends all subscriptions; what is offered later is ignored.
    ///
    /// - Returns: whether it was in time, as ``flush(timeout:)``.
    @discardableResult
    package func close(timeout: Duration = .seconds(2)) -> Bool {
        perform(timeout) {
            self.drain()
            self.writer.withLock { $0.close() }
            self.audience.outputEnded()
            self.audience.removeAll()
        }
    }

    private func perform(_ timeout: Duration, _ body: @escaping @Sendable () -> Void) -> Bool {
        let isDone = DispatchSemaphore(value: 0)
        thread.async {
            body()
            isDone.signal()
        }
        return isDone.wait(timeout: .now() + .nanoseconds(Int(timeout.nanoseconds))) == .success
    }
}

// MARK: The writer's thread

extension WireLog {
    private func drain() {
        while redirections.load(ordering: .sequentiallyConsistent) == 0, let batch = queue.take() { write(batch) }
        let isStaying = redirections.load(ordering: .sequentiallyConsistent) == 0
        if isStaying, !writer.withLock({ $0.hasOutput }) { audience.outputEnded() }
    }

    private func write(_ batch: ObserverQueue<WireLogEntry>.Batch) {
        let lines = writer.withLock { $0.format(batch) }
        // Before the file: a slow disk does not delay those who watch.
        audience.publish(lines.bytes)
        let (written, lost) = writer.withLock { $0.write(lines, from: batch.elements.first?.microseconds ?? 0) }
        writtenLines.add(written, ordering: .relaxed)
        losses.add(batch.lost + lost, ordering: .relaxed)
    }
}
