internal import Text

/// The charts of requests and their reply times.
enum TrafficCharts {
    /// Requests over time: answered ones, and those that timed out, on top of each other.
    static func timeline(_ timeline: ActivityTimeline) -> String {
        let timeline = timeline.coarser(atMost: 120)
        let step = Double(timeline.seconds)
        let start = Double(timeline.first) * step
        let most = timeline.steps.map(\.requests).max() ?? 0
        let end = start + step * Double(timeline.steps.count)
        guard most > 0, end > start else { return "" }
        var drawing = Drawing(height: 240, x: start...end, y: 0...Double(most) * 1.05)
        drawing.yAxis("requests in \(FigureText.duration(timeline.seconds * 1_000_000))")
        for (index, values) in timeline.steps.enumerated() where values.requests + values.drops > 0 {
            let from = start + Double(index) * step
            let answered = Double(values.requests - values.timeouts)
            let title =
                "\(FigureText.time(Int64(from) * 1_000_000)): \(FigureText.count(values.requests, "request")), "
                + "\(FigureText.count(values.timeouts, "timeout")), \(FigureText.count(values.drops)) dropped"
            drawing.bar(x: from...from + step, y: 0...answered, style: "good", title: title)
            if values.timeouts > 0 {
                drawing.bar(x: from...from + step, y: answered...Double(values.requests), style: "bad", title: title)
            }
            if values.drops > 0 {
                drawing.dot(x: from + step / 2, y: 0, style: "dropped", title: title)
            }
        }
        drawing.xAxis("time of day", Ticks.times(start...end))
        return drawing.svg("Requests and timeouts over time")
    }

    /// How often which reply time occurred.
    static func replyTimes(_ times: DurationHistogram) -> String {
        guard let p99 = times.p99 else { return "" }
        let end = Double(min(times.longest, p99 * 3 / 2 + 1000)) / 1000
        let bins = 60
        let width = max(end / Double(bins), 0.001)
        var counts = [Double](repeating: 0, count: bins + 1)
        for step in times.steps {
            let middle = Double(step.range.lowerBound + step.range.upperBound) / 2000
            counts[min(bins, Int(middle / width))] += Double(step.count)
        }
        let most = counts.max() ?? 0
        var drawing = Drawing(height: 240, x: 0...width * Double(bins + 1), y: 0...max(1, most) * 1.05)
        drawing.yAxis("replies")
        for (bin, count) in counts.enumerated() where count > 0 {
            let (from, to) = (Double(bin) * width, Double(bin + 1) * width)
            let range =
                FigureText.decimal(from, 1) + (bin == bins ? " ms and more" : " to \(FigureText.decimal(to, 1)) ms")
            drawing.bar(
                x: from...to, y: 0...count, style: bin == bins ? "late" : "good",
                title: "\(range): \(FigureText.count(Int(count))) replies")
        }
        drawing.xAxis(
            "reply time in milliseconds",
            Ticks.of(0...width * Double(bins), atMost: 10).map { ($0, Ticks.text($0)) })
        return drawing.svg("How often which reply time occurred")
    }

    /// Median and longest reply time by the size of the reply.
    static func replySizes(_ bySize: [DurationHistogram]) -> String {
        let known = bySize.enumerated().filter { $0.element.count > 0 }
        let longest = known.map { $0.element.p99 ?? 0 }.max() ?? 0
        guard longest > 0 else { return "" }
        var drawing = Drawing(height: 240, x: 0...260, y: 0...Double(longest) / 1000 * 1.05)
        drawing.yAxis("milliseconds")
        for (size, times) in known {
            let (median, p99) = (times.median ?? 0, times.p99 ?? 0)
            let title =
                "\(size) bytes: \(FigureText.count(times.count, "reply")), median \(FigureText.milliseconds(median)), "
                + "p99 \(FigureText.milliseconds(p99)) ms"
            drawing.dot(x: Double(size), y: Double(p99) / 1000, style: "late", title: title)
            drawing.dot(x: Double(size), y: Double(median) / 1000, style: "good", title: title)
        }
        drawing.xAxis("bytes of the reply on the line", Ticks.of(0...260, atMost: 13).map { ($0, Ticks.text($0)) })
        return drawing.svg("Reply time by size of the reply")
    }
}
