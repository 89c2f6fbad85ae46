internal import Modbus
internal import Text
package import WireLog

/// The one-page text of an analysis.
package struct AnalysisText {
    private let analysis: Analysis
    private let summary: ReadingSummary
    private var lines: [String] = []

    private static let shownBlocks = 25
    private static let shownWrites = 40

    package init(_ analysis: Analysis, _ summary: ReadingSummary) {
        self.analysis = analysis
        self.summary = summary
        appendOverview()
        appendClients()
        appendReplyTimes()
        appendBlocks()
        appendWrites()
        appendGaps()
        appendForeignLines()
    }

    package var text: String { lines.map(\.onOneLine).joined(separator: "\n") }

    private mutating func appendOverview() {
        lines.append(AnalysisWords.heading(analysis, summary))
        lines.append("")
        for (name, value) in AnalysisWords.overview(analysis) {
            lines.append(name + String(repeating: " ", count: max(1, 13 - name.count)) + value)
        }
    }

    private mutating func append(_ title: String, _ table: TextTable, more: String? = nil) {
        guard !table.isEmpty else { return }
        lines += ["", title] + table.lines
        if let more { lines.append("  \(more)") }
    }

    private mutating func appendClients() {
        var table = TextTable(
            [
                "client", "function", "requests", "repeats", "replies", "exceptions", "timeouts", "superseded",
                "median",
                "p99", "max ms",
            ], words: 2)
        for client in analysis.clients.byClient {
            for figures in client.functions {
                table.append([
                    AnalysisWords.client(client.name, analysis.clients.connections[client.name]),
                    AnalysisWords.function(figures.function), FigureText.count(figures.outcomes.requests),
                    FigureText.count(figures.repeats.all), FigureText.count(figures.outcomes.replies),
                    FigureText.count(figures.outcomes.exceptions), FigureText.count(figures.outcomes.timeouts),
                    FigureText.count(figures.outcomes.superseded),
                    FigureText.milliseconds(figures.replyTime.median), FigureText.milliseconds(figures.replyTime.p99),
                    FigureText.milliseconds(figures.replyTime.count > 0 ? figures.replyTime.longest : nil),
                ])
            }
        }
        append("Who asks what, and how long replies take", table)
    }

    private mutating func appendReplyTimes() {
        var table = TextTable(["reply bytes", "replies", "median", "p99", "max ms"], words: 0)
        for (size, times) in analysis.replyTimeBySize.enumerated() where times.count > 0 {
            table.append([
                "\(size)", FigureText.count(times.count), FigureText.milliseconds(times.median),
                FigureText.milliseconds(times.p99), FigureText.milliseconds(times.longest),
            ])
        }
        append("Reply time by size of the reply", table)
    }

    private mutating func appendBlocks() {
        var table = TextTable(
            ["client", "unit", "table", "block", "requests", "answered", "every s"], words: 4)
        let blocks = analysis.blocks.all.sorted { $0.requests > $1.requests }
        for figures in blocks.prefix(Self.shownBlocks) {
            let block = figures.block
            table.append([
                block.client, "\(block.unit)", AnalysisWords.function(block.function),
                AnalysisWords.range(block.address, block.quantity),
                FigureText.count(figures.requests), FigureText.count(figures.answered),
                figures.period.median.map { FigureText.decimal(Double($0) / 1_000_000, 1) } ?? "–",
            ])
        }
        let more = blocks.count - Self.shownBlocks
        append("Blocks that are read", table, more: more > 0 ? "and \(more) more; --json lists them" : nil)
    }

    private mutating func appendWrites() {
        var table = TextTable(["time", "client", "unit", "function", "write", "outcome"], words: 6)
        for write in analysis.writes.elements.prefix(Self.shownWrites) {
            table.append([
                FigureText.time(write.wallMicroseconds), write.client, "\(write.unit)",
                AnalysisWords.function(write.function), AnalysisWords.write(write), write.outcomeText,
            ])
        }
        let more = analysis.writes.count - Self.shownWrites
        append("Writes", table, more: more > 0 ? "and \(FigureText.count(more)) more" : nil)
    }

    private mutating func appendGaps() {
        var table = TextTable(["from", "for"], words: 2)
        for gap in analysis.gaps.longest {
            table.append([FigureText.time(gap.wallMicroseconds), FigureText.duration(gap.duration)])
        }
        let more = analysis.gaps.count - analysis.gaps.longest.count
        append(
            "Gaps: \(FigureText.duration(Gaps.least)) or more without a line, the longest first", table,
            more: more > 0 ? "and \(FigureText.count(more)) more" : nil)
    }

    private mutating func appendForeignLines() {
        lines += AnalysisWords.remarks(analysis, summary).isEmpty ? [] : [""]
        lines += AnalysisWords.remarks(analysis, summary)
    }
}
