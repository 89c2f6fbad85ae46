/// Numbers as people read them.
package enum FigureText {
    /// `1,063`.
    package static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        let grouped = digits.enumerated().map { index, digit in
            index > 0 && (digits.count - index).isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
        }
        return (number < 0 ? "-" : "") + grouped.joined()
    }

    /// `1 request`, `2 requests`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(number == 1 ? noun : noun.plural)"
    }

    /// A number with a point and `decimals` digits behind it, 1e12 at most; `–` for what is no number.
    ///
    /// - Parameter decimals: 0 to 6.
    package static func decimal(_ number: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { result, _ in result * 10 }
        guard !number.isNaN else { return "–" }
        let scaled = Int((min(abs(number), 1e12) * scale).rounded())
        let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: Int(scale))
        let digits = String(fraction)
        // Without decimals the fraction is still one digit: 0.
        let padded = String(repeating: "0", count: max(0, decimals - digits.count)) + digits
        return (number < 0 && scaled > 0 ? "-" : "") + "\(whole)" + (decimals > 0 ? ".\(padded)" : "")
    }

    /// `5.5 %`; `–` if there is nothing to compare with.
    package static func share(_ part: Double, of whole: Double) -> String {
        whole > 0 ? decimal(part / whole * 100, 1) + " %" : "–"
    }

    /// `36.8`, from microseconds; `–` for nil.
    package static func milliseconds(_ microseconds: Int64?) -> String {
        microseconds.map { decimal(Double($0) / 1000, $0 < 1_000_000 ? 1 : 0) } ?? "–"
    }

    /// `2.5 s`, `22 min 22 s`, `3 h 5 min`, `4 d 2 h`.
    package static func duration(_ microseconds: Int64) -> String {
        let seconds = microseconds / 1_000_000
        return switch seconds {
        case ..<60: decimal(Double(microseconds) / 1_000_000, 1) + " s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        case ..<86400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
    }

    /// `2025-09-21 19:58:42`.
    package static func time(_ wallMicroseconds: Int64) -> String {
        let time = CalendarTime.utc(secondsSince1970: second(wallMicroseconds))
        let date = "\(time.year)-\(twoDigits(time.month))-\(twoDigits(time.day))"
        return "\(date) \(clock(wallMicroseconds))"
    }

    /// `19:58:42`.
    package static func clock(_ wallMicroseconds: Int64) -> String {
        let time = CalendarTime.utc(secondsSince1970: second(wallMicroseconds))
        return "\(twoDigits(time.hour)):\(twoDigits(time.minute)):\(twoDigits(time.second))"
    }

    /// The second that a moment is in, before 1970 too.
    private static func second(_ microseconds: Int64) -> Int64 {
        let (whole, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return fraction < 0 ? whole - 1 : whole
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// Columns of text: the first ones are words, the others numbers.
package struct TextTable {
    private var rows: [[String]]
    private let words: Int

    /// - Parameter words: how many columns are aligned at their left.
    package init(_ header: [String], words: Int) {
        rows = [header]
        self.words = words
    }

    /// What is in the cells may come from outside: it is quoted briefly.
    package mutating func append(_ row: [String]) { rows.append(row.map(\.quotedBriefly)) }

    package var isEmpty: Bool { rows.count == 1 }

    package var lines: [String] {
        let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column < words ? cell + padding : padding + cell
            }
            let line = "  " + cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
