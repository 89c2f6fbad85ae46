internal import Modbus
internal import Text
package import WireLog

/// An analysis as one HTML file: charts, tables, and a sentence under each title that says how to read it.
package struct AnalysisPage {
    private static let mostRows = 200

    private let analysis: Analysis
    private let summary: ReadingSummary
    private let names: [String]

    /// - Parameter files: what was read.
    package init(_ analysis: Analysis, _ summary: ReadingSummary, files: [String]) {
        (self.analysis, self.summary) = (analysis, summary)
        names = files.map { $0 == "-" ? "standard input" : $0.split(separator: "/").last.map(String.init) ?? $0 }
    }

    package var html: String {
        let title = Markup.escaped(
            "Modbus traffic: \(names.prefix(3).joined(separator: ", "))\(names.count > 3 ? " …" : "")")
        let sections = [timeline, replyTimes, replySizes, clients, registerMap, blocks, writes, gaps, remarks]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(title)</title>
            <style>
            \(PageStyle.css)
            </style>
            </head>
            <body>
            <h1>\(title)</h1>
            <p>\(Markup.escaped(AnalysisWords.heading(analysis, summary)))</p>
            <dl>
            \(overview)
            </dl>
            \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private var overview: String {
        AnalysisWords.overview(analysis).map {
            "<dt>\(Markup.escaped($0.0))</dt><dd>\(Markup.escaped($0.1))</dd>"
        }.joined(separator: "\n")
    }

    /// - Parameter explanation: HTML.
    private func section(_ title: String, _ explanation: String, _ content: String) -> String {
        content.isEmpty ? "" : "<section>\n<h2>\(title)</h2>\n<p>\(explanation)</p>\n\(content)\n</section>"
    }

    private var timeline: String {
        section(
            "Requests over time",
            """
            Each bar is one step of time, as high as clients asked: <i class="good"></i>answered or refused, \
            <i class="bad"></i>no reply in time. <i class="dropped"></i>marks steps in which bytes were dropped.
            """, TrafficCharts.timeline(analysis.timeline))
    }

    private var replyTimes: String {
        section(
            "How long replies take",
            """
            The higher a bar, the more replies took that long, from sending the request to the last byte of the reply. \
            <i class="late"></i>A bar of this colour at the right end counts all that were slower.
            """, TrafficCharts.replyTimes(analysis.replyTime))
    }

    private var replySizes: String {
        section(
            "Reply time by size of the reply",
            """
            Long replies take longer on a serial line: <i class="good"></i>half of the replies of a size took less, \
            <i class="late"></i>1 in 100 took more. A dot far above its neighbours is a block that the inverter is slow with.
            """, TrafficCharts.replySizes(analysis.replyTimeBySize))
    }

    private var clients: String {
        let rows = analysis.clients.byClient.flatMap { client in
            client.functions.map { figures in
                [
                    AnalysisWords.client(client.name, analysis.clients.connections[client.name]),
                    AnalysisWords.function(figures.function), FigureText.count(figures.outcomes.requests),
                    FigureText.count(figures.repeats.all), FigureText.count(figures.outcomes.exceptions),
                    FigureText.count(figures.outcomes.timeouts), FigureText.count(figures.outcomes.superseded),
                    FigureText.milliseconds(figures.replyTime.median), FigureText.milliseconds(figures.replyTime.p99),
                ]
            }
        }
        return section(
            "Who asks what",
            "A repeat is the same request again, right behind the one before. Superseded: the client asked anew before the answer.",
            table(
                [
                    "client", "function", "requests", "repeats", "exceptions", "timeouts", "superseded", "median ms",
                    "p99 ms",
                ], words: 2, rows))
    }

    private var registerMap: String {
        let map = RegisterMap(analysis.registers)
        let more = map.omittedRows > 0 ? "<p>and more registers in further rows</p>" : ""
        return section(
            "Registers that were read",
            """
            A row is a hundred registers from the address at its left. <i class="late"></i>changed while this was recorded, \
            <i class="good"></i>always the same value, <i class="unread"></i>never read. Point at one to see its values.
            """, map.svg.isEmpty ? "" : map.svg + more)
    }

    private var blocks: String {
        let rows = analysis.blocks.all.sorted { $0.requests > $1.requests }.map { figures in
            [
                figures.block.client, "\(figures.block.unit)", AnalysisWords.function(figures.block.function),
                AnalysisWords.range(figures.block.address, figures.block.quantity), FigureText.count(figures.requests),
                FigureText.count(figures.answered),
                figures.period.median.map { FigureText.decimal(Double($0) / 1_000_000, 1) } ?? "–",
            ]
        }
        return section(
            "Blocks that are polled", "The last column is the usual time from one request of a block to the next.",
            table(["client", "unit", "function", "registers", "requests", "answered", "every s"], words: 4, rows))
    }

    private var writes: String {
        let rows = analysis.writes.elements.map { write in
            [
                FigureText.time(write.wallMicroseconds), write.client, "\(write.unit)",
                AnalysisWords.function(write.function), AnalysisWords.write(write), write.outcomeText,
            ]
        }
        return section(
            "Writes (\(FigureText.count(analysis.writes.count)))",
            "Register = value, in order of time. After a timeout nobody knows whether the unit has executed the write.",
            table(
                ["time", "client", "unit", "function", "write", "outcome"], words: 6, rows, of: analysis.writes.count))
    }

    private var gaps: String {
        let rows = analysis.gaps.longest.map {
            [FigureText.time($0.wallMicroseconds), FigureText.duration($0.duration)]
        }
        return section(
            "Gaps",
            "Times of \(FigureText.duration(Gaps.least)) or more in which nothing was logged, the longest first.",
            table(["from", "for"], words: 1, rows, of: analysis.gaps.count))
    }

    private var remarks: String {
        let remarks = AnalysisWords.remarks(analysis, summary).map { "<li>\(Markup.escaped($0))</li>" }
        return section(
            "What was left out", "Lines and frames that could not be read or used.",
            remarks.isEmpty ? "" : "<ul>\n\(remarks.joined(separator: "\n"))\n</ul>")
    }

    /// - Parameter count: of all rows; nil: `rows` are all.
    private func table(_ header: [String], words: Int, _ rows: [[String]], of count: Int? = nil) -> String {
        guard !rows.isEmpty else { return "" }
        let more = (count ?? rows.count) - min(rows.count, Self.mostRows)
        return Markup.table(header, words: words, Array(rows.prefix(Self.mostRows)))
            + (more > 0 ? "\n<p>and \(FigureText.count(more)) more</p>" : "")
    }
}
