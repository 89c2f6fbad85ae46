internal import Text

extension ReadingSummary {
    /// One line each: what of the files was left out, and why.
    package var notes: [String] {
        guard let first = firstForeignLines.first else { return remarks }
        let count = FigureText.count(foreignLines, "foreign line")
        return remarks + ["\(first.file): \(count) left out, the first is line \(first.number)"]
    }
}
