/// A mistake on the command line, told in one line.
struct UsageFailure: Error {
    let line: String

    /// Joins the lines of `text`.
    init(_ text: String) {
        line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
