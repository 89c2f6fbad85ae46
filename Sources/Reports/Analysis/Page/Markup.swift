internal import Text

/// Text for HTML and SVG, made safe.
enum Markup {
    /// Text between tags and inside of quoted attributes. Characters that XML does not allow become `�`, and so do those that
    /// would turn the direction of the text behind them.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result += " "
            case _ where scalar.isControl || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "�"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A table; the first `words` columns are words, the others numbers.
    static func table(_ header: [String], words: Int, _ rows: [[String]]) -> String {
        func row(_ cells: [String], _ tag: String) -> String {
            let cells = cells.enumerated().map { column, cell in
                "<\(tag)\(column < words ? "" : " class=\"n\"")>\(escaped(cell))</\(tag)>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        let body = rows.map { row($0, "td") }.joined(separator: "\n")
        return
            "<div class=\"wide\"><table>\n<thead>\(row(header, "th"))</thead>\n<tbody>\n\(body)\n</tbody></table></div>"
    }

    /// A coordinate with one decimal.
    static func number(_ value: Double) -> String { FigureText.decimal(value, 1) }
}
