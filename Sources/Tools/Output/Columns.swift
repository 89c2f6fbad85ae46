/// Rows of text in columns as wide as they need be.
package struct Columns {
    struct Cell {
        let text: String
        var style: Output.Style?
    }

    private var rows: [[Cell]] = []
    private let leftAligned: Set<Int>

    /// - Parameter leftAligned: the columns of words; others are of numbers.
    package init(_ header: [String], leftAligned: Set<Int>) {
        self.leftAligned = leftAligned
        rows = [header.map { Cell(text: $0, style: .bold) }]
    }

    mutating func append(_ cells: [Cell]) { rows.append(cells) }

    /// A row of plain texts.
    package mutating func append(_ texts: [String]) { rows.append(texts.map { Cell(text: $0) }) }

    /// One line for each row, each with its end.
    package func text(_ output: Output) -> String {
        let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
            rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let last = row.lastIndex { !$0.text.isEmpty } ?? 0
            return row.prefix(last + 1).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let text = cell.style.map { output.styled(cell.text, $0) } ?? cell.text
                guard leftAligned.contains(column) else { return padding + text }
                return column == last ? text : text + padding
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}
