internal import Growatt
internal import Modbus
internal import Text

/// A map of the registers that were read: a hundred addresses in a row, rows without any left out.
struct RegisterMap {
    private struct Row: Hashable {
        let unit: UnitIdentifier
        let table: RegisterTable
        /// Address / 100.
        let hundred: Int
    }

    /// Neighbours in a row that look the same.
    private struct Run {
        var addresses: ClosedRange<Int>
        let changes: Bool
        var title: String
    }

    private static let mostRows = 300
    private static let (left, cell, rowHeight) = (150.0, 7.4, 16.0)

    private var rows: [(row: Row, runs: [Run])] = []
    /// Rows that there was no room for.
    private(set) var omittedRows = 0

    init(_ registers: RegisterStatistics) {
        for (key, values) in registers.all {
            let row = Row(unit: key.unit, table: key.table, hundred: Int(key.address) / 100)
            if rows.last?.row != row {
                guard rows.count < Self.mostRows else {
                    omittedRows += 1
                    continue
                }
                rows.append((row, []))
            }
            add(Int(key.address), values)
        }
    }

    private mutating func add(_ address: Int, _ values: RegisterValues) {
        let last = rows.count - 1
        let changes = values.changes > 0
        let range = changes ? "\(values.smallest)…\(values.largest)" : "\(values.last)"
        let title = "\(address): \(range), read \(FigureText.count(Int(values.count)))×"
        if let run = rows[last].runs.last, run.addresses.upperBound + 1 == address, run.changes == changes, !changes {
            let index = rows[last].runs.count - 1
            rows[last].runs[index].addresses = run.addresses.lowerBound...address
            rows[last].runs[index].title = "\(run.addresses.lowerBound)–\(address): did not change"
        } else {
            rows[last].runs.append(Run(addresses: address...address, changes: changes, title: title))
        }
    }

    var svg: String {
        guard !rows.isEmpty else { return "" }
        var elements: [String] = []
        for column in stride(from: 0, to: 100, by: 10) {
            elements.append(
                "<text x=\"\(Markup.number(Self.left + Double(column) * Self.cell))\" y=\"12\">+\(column)</text>")
        }
        for (index, (row, runs)) in rows.enumerated() {
            let top = 18 + Double(index) * Self.rowHeight
            let label = "unit \(row.unit) \(row.table.rawValue) \(row.hundred * 100)"
            elements.append(
                "<text x=\"\(Self.left - 8)\" y=\"\(top + 11)\" text-anchor=\"end\">\(label)</text>"
                    + "<rect class=\"unread\" x=\"\(Self.left)\" y=\"\(top)\" width=\"\(100 * Self.cell)\" height=\"13\"/>"
            )
            elements += runs.map { rectangle($0, row, top) }
        }
        let height = 22 + Double(rows.count) * Self.rowHeight
        return "<svg viewBox=\"0 0 900 \(height)\" role=\"img\" aria-label=\"Registers that were read\">\n"
            + elements.joined(separator: "\n") + "\n</svg>"
    }

    private func rectangle(_ run: Run, _ row: Row, _ top: Double) -> String {
        let x = Self.left + Double(run.addresses.lowerBound - row.hundred * 100) * Self.cell
        let width = Double(run.addresses.count) * Self.cell - 0.6
        return "<rect class=\"\(run.changes ? "late" : "good")\" x=\"\(Markup.number(x))\" y=\"\(top)\" "
            + "width=\"\(Markup.number(width))\" height=\"13\"><title>\(row.table.rawValue) \(run.title)</title></rect>"
    }
}
