/// The line of each number that was given out.
final class LineNames {
    private var lines: [Line] = []

    /// The line of a number, also after it is gone; nil: the number was not given out.
    func line(_ number: LineNumber) -> Line? {
        number.rawValue < lines.count ? lines[Int(number.rawValue)] : nil
    }

    /// The line to which the query of an event is bound; nil: none.
    func line(of event: BrokerEvent) -> Line? { event.query?.destination.flatMap { line($0.line) } }

    /// - Parameter numbers: those of lines that are there.
    /// - Returns: a number that no line has. Numbers are used again only when all have been given out.
    func takeNumber(for line: Line, besides numbers: [LineNumber]) -> LineNumber {
        if lines.count <= UInt16.max {
            lines.append(line)
            return LineNumber(rawValue: UInt16(lines.count - 1))
        }
        let free = lines.indices.first { !numbers.contains(LineNumber(rawValue: UInt16($0))) } ?? 0
        lines[free] = line
        return LineNumber(rawValue: UInt16(free))
    }
}
