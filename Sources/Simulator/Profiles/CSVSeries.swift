/// Values at times, from a file: the first column is seconds, of which each row is at or after the one before.
package struct CSVSeries: Hashable, Sendable {
    /// The most rows that are read.
    static let mostRows = 1_000_000

    package var times: [Double]
    package var values: [Double]
    /// Whether it begins again after its last row; otherwise that stays.
    package var repeats: Bool

    /// The value of the last row that is not later.
    func value(at elapsed: Double) -> Double {
        guard let first = times.first, let last = times.last else { return 0 }
        let length = last - first
        let time = repeats && length > 0 ? first + elapsed.truncatingRemainder(dividingBy: length) : first + elapsed
        var (low, high) = (0, times.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle } else { high = middle }
        }
        return values[low]
    }

    /// Reads a CSV text with one line of names, separated by commas; the times count from that of the first row.
    ///
    /// - Parameter column: the name of the column with the values.
    /// - Throws: ``CSVError``.
    package init(_ text: String, column: String, repeats: Bool) throws(CSVError) {
        self.repeats = repeats
        (times, values) = ([], [])
        var index: Int?
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
            if index == nil {
                index = try Self.index(of: column, in: fields)
            } else if fields != [""] {
                try append(fields, index ?? 1, line: number + 1)
            }
        }
        guard !times.isEmpty else { throw CSVError(line: nil, reason: "expected a line of names and a row of numbers") }
    }

    private static func index(of column: String, in names: [String]) throws(CSVError) -> Int {
        guard let index = names.dropFirst().firstIndex(of: column) else {
            let known = names.dropFirst().joined(separator: ", ")
            throw CSVError(
                line: 1, reason: "no column \(column.debugDescription) behind the first; there are: \(known)")
        }
        return index
    }

    private mutating func append(_ fields: [String], _ index: Int, line: Int) throws(CSVError) {
        guard fields.count > index, let time = Self.number(fields[0]), let value = Self.number(fields[index]) else {
            throw CSVError(
                line: line, reason: "expected a number of seconds first, and a number in column \(index + 1)")
        }
        guard times.last.map({ $0 <= time }) ?? true else { throw CSVError(line: line, reason: "goes back in time") }
        guard times.count < Self.mostRows else { throw CSVError(line: line, reason: "more than \(Self.mostRows) rows") }
        times.append(time)
        values.append(value)
    }

    private static func number(_ text: String) -> Double? {
        Double(text).flatMap { $0.isFinite && text.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) } ? $0 : nil }
    }

    private static func trimmed(_ field: Substring) -> String {
        let from = field.drop { $0 == " " || $0 == "\t" }
        return String(from.prefix(from.count - from.reversed().prefix { $0 == " " || $0 == "\t" }.count))
    }
}

/// Why a CSV file cannot be used.
package struct CSVError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1; nil: the file as a whole.
    package let line: Int?
    package let reason: String

    package var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
