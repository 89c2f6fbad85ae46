internal import Text

/// A chart as inline SVG: a plot area with two axes, drawn on in units of the data.
struct Drawing {
    static let width = 900.0
    private static let (left, right, top, bottom) = (64.0, 12.0, 10.0, 46.0)

    let height: Double
    let x: ClosedRange<Double>
    let y: ClosedRange<Double>
    private var elements: [String] = []

    /// - Parameters:
    ///   - x: of the data; not empty.
    ///   - y: of the data; not empty.
    init(height: Double, x: ClosedRange<Double>, y: ClosedRange<Double>) {
        (self.height, self.x, self.y) = (height, x, y)
    }

    private func horizontal(_ value: Double) -> Double {
        let share = (value - x.lowerBound) / (x.upperBound - x.lowerBound)
        return Self.left + share * (Self.width - Self.left - Self.right)
    }

    private func vertical(_ value: Double) -> Double {
        let share = (value - y.lowerBound) / (y.upperBound - y.lowerBound)
        return height - Self.bottom - share * (height - Self.bottom - Self.top)
    }

    /// - Parameters:
    ///   - style: a class of the page's style sheet.
    ///   - title: shown while the pointer is on it.
    mutating func bar(x: ClosedRange<Double>, y: ClosedRange<Double>, style: String, title: String) {
        let (left, right) = (horizontal(x.lowerBound), horizontal(x.upperBound))
        let (top, bottom) = (vertical(y.upperBound), vertical(y.lowerBound))
        elements.append(
            "<rect class=\"\(style)\" x=\"\(Markup.number(left))\" y=\"\(Markup.number(top))\" "
                + "width=\"\(Markup.number(max(0.8, right - left - 0.4)))\" height=\"\(Markup.number(bottom - top))\">"
                + "<title>\(Markup.escaped(title))</title></rect>")
    }

    mutating func dot(x: Double, y: Double, style: String, title: String) {
        elements.append(
            "<circle class=\"\(style)\" cx=\"\(Markup.number(horizontal(x)))\" cy=\"\(Markup.number(vertical(y)))\" r=\"4\">"
                + "<title>\(Markup.escaped(title))</title></circle>")
    }

    /// Grid lines, their values, and the axis' name with its unit.
    mutating func yAxis(_ name: String) {
        for value in Ticks.of(y, atMost: 5) {
            let position = Markup.number(vertical(value))
            elements.append(
                "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(position)\" "
                    + "y2=\"\(position)\"/><text x=\"\(Self.left - 6)\" y=\"\(position)\" dy=\"4\" "
                    + "text-anchor=\"end\">\(Ticks.text(value))</text>")
        }
        let middle = Markup.number((height - Self.bottom + Self.top) / 2)
        elements.append(
            "<text transform=\"translate(14 \(middle)) rotate(-90)\" text-anchor=\"middle\">"
                + "\(Markup.escaped(name))</text>")
    }

    /// - Parameter ticks: values and what is written at them.
    mutating func xAxis(_ name: String, _ ticks: [(Double, String)]) {
        for (value, text) in ticks {
            let position = Markup.number(horizontal(value))
            elements.append(
                "<line class=\"tick\" x1=\"\(position)\" x2=\"\(position)\" y1=\"\(height - Self.bottom)\" "
                    + "y2=\"\(height - Self.bottom + 5)\"/><text x=\"\(position)\" y=\"\(height - Self.bottom + 18)\" "
                    + "text-anchor=\"middle\">\(Markup.escaped(text))</text>")
        }
        elements.append(
            "<text x=\"\((Self.left + Self.width - Self.right) / 2)\" y=\"\(height - 6)\" text-anchor=\"middle\">"
                + "\(Markup.escaped(name))</text>")
    }

    /// - Parameter label: for those who cannot see it.
    func svg(_ label: String) -> String {
        "<svg viewBox=\"0 0 \(Self.width) \(height)\" role=\"img\" aria-label=\"\(Markup.escaped(label))\">\n"
            + elements.joined(separator: "\n") + "\n</svg>"
    }
}

/// Round values for an axis.
enum Ticks {
    /// Multiples of 1, 2 or 5 times a power of ten.
    static func of(_ range: ClosedRange<Double>, atMost count: Int) -> [Double] {
        let least = (range.upperBound - range.lowerBound) / Double(max(1, count))
        guard least > 0, least.isFinite else { return [] }
        var power = 1.0
        while power * 10 <= least { power *= 10 }
        while power > least { power /= 10 }
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= least } ?? power * 10
        var values: [Double] = []
        var value = (range.lowerBound / step).rounded(.up) * step
        while value <= range.upperBound + step * 1e-9 {
            values.append(value)
            value += step
        }
        return values
    }

    static func text(_ value: Double) -> String {
        value == value.rounded() ? FigureText.count(Int(value)) : FigureText.decimal(value, value < 1 ? 2 : 1)
    }

    private static let seconds: [Int64] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172_800, 604_800,
        1_209_600, 2_419_200, 7_776_000, 31_536_000,
    ]

    /// Round times of day, or days.
    ///
    /// - Parameter range: in seconds since 1970 on the clock on the wall.
    static func times(_ range: ClosedRange<Double>) -> [(Double, String)] {
        let least = (range.upperBound - range.lowerBound) / 9
        let step = seconds.first { Double($0) >= least } ?? Int64(least.rounded(.up))
        var values: [(Double, String)] = []
        var value = Int64((range.lowerBound / Double(step)).rounded(.up)) * step
        while Double(value) <= range.upperBound {
            let text = FigureText.time(value * 1_000_000)
            let label =
                switch step {
                case ..<60: String(text.suffix(8))
                case ..<86400: String(text.suffix(8).prefix(5))
                default: String(text.prefix(10))
                }
            values.append((Double(value), label))
            value += step
        }
        return values
    }
}
