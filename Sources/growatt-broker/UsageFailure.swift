/// A mistake on the command line, told in one line.
struct UsageFailure: Error, CustomStringConvertible {
    let line: String

    var description: String { line }

    /// Joins the lines of `text`.
    init(_ text: String) {
        line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
