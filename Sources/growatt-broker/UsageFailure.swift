/// Mistakes on the command line or in the configuration, each told in one line.
struct UsageFailure: Error, CustomStringConvertible {
    let lines: [String]

    var description: String { lines.joined(separator: "; ") }

    /// One line for each mistake.
    init(lines: [String]) {
        self.lines = lines
    }

    /// Joins the lines of `text`.
    init(_ text: String) {
        lines = [text.split(whereSeparator: \.isNewline).joined(separator: " ")]
    }
}
