internal import Broker
internal import Modbus
internal import Text

/// The writer thread's part of the wire log: entries become lines, and lines are written.
struct WireLogWriter {
    private var formatter: any RecordFormatter
    private var output: TolerantOutput?
    private let uptime: @Sendable () -> Instant
    private var title: String
    private let name: String
    private let isCapture: Bool
    private let report: @Sendable (String) -> Void
    private var written = 0
    private var lost = 0

    init(
        _ output: (any LogOutput)?, format: LogFormat, clock: WireLogClock,
        report: @escaping @Sendable (String) -> Void
    ) {
        formatter = format.formatter(clock)
        isCapture = if case .capture = format { true } else { false }
        uptime = clock.uptime
        name = format.name
        self.report = report
        title = ""
        set(output)
    }

    private mutating func set(_ output: (any LogOutput)?) {
        let title = "\(name) \(output?.name ?? "")"
        self.title = title
        self.output = output.map { TolerantOutput($0, title: title, report: report) }
        (written, lost) = (0, 0)
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

    /// Closes the output and goes on with another.
    mutating func redirect(to output: (any LogOutput)?) {
        close()
        set(output)
        open()
    }

    /// Tells the operator what a capture has become, and of any log what is missing.
    mutating func close() {
        guard output != nil else { return }
        output?.close()
        output = nil
        let losses = lost > 0 ? ", \(lost) lost" : ""
        if isCapture || lost > 0 { report("\(title): \(written.counted("line")) written\(losses)") }
    }

    /// The lines of a batch; where older entries were lost, a line that tells so stands before them.
    mutating func format(_ batch: ObserverQueue<WireLogEntry>.Batch) -> RecordBatch {
        formatter.reserve(lines: batch.elements.count)
        if batch.lost > 0, let first = batch.elements.first {
            if output != nil, lost == 0 { report("\(title): more comes than can be written; lines are lost") }
            lost += batch.lost
            formatter.append(loss: .logOverflow, of: batch.lost, because: nil, at: first.microseconds)
        }
        for entry in batch.elements { formatter.append(entry) }
        return formatter.take()
    }

    /// - Parameter microseconds: the time of the first line.
    /// - Returns: the numbers of lines written and dropped.
    mutating func write(_ lines: RecordBatch, from microseconds: Int64) -> (written: Int, lost: Int) {
        guard hasOutput else { return (0, 0) }
        var formatter = formatter
        let now = uptime()
        let lost = output?.write(lines, at: now) { lost, reason in
            formatter.append(loss: .logWriteFailed, of: lost, because: reason, at: microseconds)
            return formatter.take().bytes
        }
        let whole = lines.count - (lost ?? 0)
        written += whole
        self.lost += lost ?? 0
        return (whole, lost ?? 0)
    }
}
