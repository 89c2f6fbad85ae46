internal import Broker

/// The writer thread's part of the wire log: entries become lines, and lines are written.
struct WireLogWriter {
    private var formatter: any LineFormatter
    private var output: TolerantOutput?
    private let uptime: @Sendable () -> Instant

    init(
        _ output: (any LogOutput)?, formatter: any LineFormatter, clock: WireLogClock,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.formatter = formatter
        uptime = clock.uptime
        self.output = output.map { TolerantOutput($0, report: report) }
    }

    /// Whether lines can still be written somewhere.
    var hasOutput: Bool { output.map { !$0.isOver } ?? false }

    mutating func open() {
        let now = uptime()
        output?.open(at: now)
    }

    mutating func reopen() {
        let now = uptime()
        output?.reopen(at: now)
    }

    mutating func close() { output?.close() }

    /// The lines of a batch; where older entries were lost, a line that tells so stands before them.
    mutating func format(_ batch: ObserverQueue<WireLogEntry>.Batch) -> LineBatch {
        formatter.reserve(lines: batch.elements.count)
        if batch.lost > 0, let first = batch.elements.first {
            formatter.append(loss: .logOverflow, of: batch.lost, because: nil, at: first.microseconds)
        }
        for entry in batch.elements { formatter.append(entry) }
        return formatter.take()
    }

    /// - Parameter microseconds: the time of the first line.
    /// - Returns: how many lines were dropped.
    mutating func write(_ lines: LineBatch, from microseconds: Int64) -> Int {
        guard hasOutput else { return 0 }
        var formatter = formatter
        let now = uptime()
        let lost = output?.write(lines, at: now) { lost, reason in
            formatter.append(loss: .logWriteFailed, of: lost, because: reason, at: microseconds)
            return formatter.take().bytes
        }
        return lost ?? 0
    }
}
