internal import Broker
internal import Text

/// An output that may fail: what cannot be written is dropped and counted, and writing is tried again later.
///
/// After a failure it waits for 1 s, then twice as long each time up to 30 s, before it tries again with the next
/// batch. The operator is told when losing begins and when it ends, and the log says where lines are missing.
struct TolerantOutput {
    private static let shortestPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(30)

    private struct Trouble {
        var failure: LogFailure
        var pause: Duration
        var retry: Instant
        /// Lines that were dropped since it began.
        var lost = 0
        /// Those of them that the log does not tell of yet.
        var untold = 0
    }

    private var output: any LogOutput
    /// As in messages, such as `wire log wire.jsonl`.
    private let title: String
    private let report: @Sendable (String) -> Void
    private var trouble: Trouble?
    /// Whether nothing will ever be written again.
    private(set) var isOver = false

    init(_ output: any LogOutput, title: String, report: @escaping @Sendable (String) -> Void) {
        self.output = output
        self.title = title
        self.report = report
    }

    /// Opens the output, so that a failure is told at the start.
    mutating func open(at now: Instant) {
        do throws(LogFailure) {
            try output.prepare()
        } catch {
            failed(error, at: now)
        }
    }

    /// Opens it again (SIGHUP); the next batch is written even if no attempt would be due yet.
    mutating func reopen(at now: Instant) {
        guard !isOver else { return }
        output.close()
        trouble?.retry = now
        open(at: now)
    }

    mutating func close() {
        output.close()
        isOver = true
    }

    /// Writes the lines, or drops them.
    ///
    /// - Parameter gap: makes the line that tells how many lines are missing before it, and why.
    /// - Returns: how many lines were dropped.
    mutating func write(_ batch: RecordBatch, at now: Instant, gap: (_ lost: Int, _ reason: String) -> [UInt8]) -> Int {
        guard !isOver, trouble.map({ $0.retry <= now }) ?? true else { return drop(batch.count) }
        var rest = batch.bytes[...]
        do throws(LogFailure) {
            try output.prepare()
            try tellOfGap(gap)
            try output.append(&rest)
            recovered()
            return 0
        } catch {
            failed(error, at: now)
            return drop(rest.count { $0 == UInt8(ascii: "\n") })
        }
    }

    private mutating func tellOfGap(_ line: (Int, String) -> [UInt8]) throws(LogFailure) {
        guard let trouble, trouble.untold > 0 else { return }
        var note = line(trouble.untold, trouble.failure.description)[...]
        try output.append(&note)
        self.trouble?.untold = 0
    }

    private mutating func drop(_ count: Int) -> Int {
        trouble?.lost += count
        trouble?.untold += count
        return count
    }

    private mutating func recovered() {
        if let trouble { report("\(title): writing again, \(trouble.lost.counted("line")) lost") }
        trouble = nil
    }

    private mutating func failed(_ failure: LogFailure, at now: Instant) {
        output.close()
        isOver = failure.isFinal
        if trouble == nil || isOver { report("\(title): \(failure); its lines are dropped") }
        var trouble = trouble ?? Trouble(failure: failure, pause: Self.shortestPause / 2, retry: now)
        trouble.failure = failure
        trouble.pause = min(trouble.pause * 2, Self.longestPause)
        trouble.retry = now + trouble.pause
        self.trouble = trouble
    }
}
