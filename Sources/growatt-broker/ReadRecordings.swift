internal import ArgumentParser
internal import Glibc
internal import WireLog

/// Reads recordings one after the other; tells on a terminal how far it is if it takes long.
///
/// - Parameter line: of the broker, where it had several; nil: all.
/// - Throws: ``NothingToDo`` if nothing is of the line that is asked for.
func readRecordings(
    _ paths: [String], line: String? = nil, _ take: (RecordedLine) -> Void
) throws -> ReadingSummary {
    var reader = RecordingReader(lineName: line)
    var progress = ProgressLine()
    defer { progress.end() }
    for path in paths {
        try reader.read(path, progress: { progress.show($0) }, take)
    }
    let names = reader.summary.lineNames
    if let line, !names.contains(line) {
        let there = names.isEmpty ? "no line is named in it" : "expected one of \(names.joined(separator: ", "))"
        throw NothingToDo("--line \(line.debugDescription): \(there)")
    }
    if line == nil, names.count > 1 {
        StandardStreams.printError(
            "several lines (\(names.joined(separator: ", "))) are taken together: --line NAME takes one")
    }
    return reader.summary
}

/// The option of the tools that read recordings.
struct LineOption: ParsableArguments {
    @Option(help: .init("Take only this line of a broker with several.", valueName: "name"))
    var line: String?
}

/// One line on the terminal that is written anew four times a second, from the first second on.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let started = Self.now
    private var shown = Self.now
    private var isShown = false

    mutating func show(_ progress: RecordingReader.Progress) {
        guard isTerminal else { return }
        let now = Self.now
        guard now - started >= 1000, now - shown >= 250 else { return }
        (shown, isShown) = (now, true)
        let megabytes = progress.bytesRead / 1_000_000
        let share = progress.size.map { $0 > 0 ? ", \(min(100, progress.bytesRead * 100 / $0)) %" : "" } ?? ""
        // A line that the terminal breaks could not be wiped.
        let name = progress.file.split(separator: "/").last?.suffix(40) ?? ""
        write("\r\(name): \(megabytes) MB\(share)\u{1B}[K")
    }

    /// Wipes the line.
    mutating func end() {
        if isShown { write("\r\u{1B}[K") }
    }

    private func write(_ text: String) {
        var text = text
        // Nothing depends on it.
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Milliseconds.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
