internal import Growatt
internal import Modbus
internal import Text
internal import WireLog

/// What text and page of an analysis say in the same words.
enum AnalysisWords {
    static func heading(_ analysis: Analysis, _ summary: ReadingSummary) -> String {
        let size =
            "\(FigureText.count(summary.lines, "line")), \(FigureText.decimal(Double(summary.bytes) / 1e6, 1)) MB"
        guard let first = analysis.firstWallMicroseconds, let last = analysis.lastWallMicroseconds else {
            return "No line of a wire log or capture in \(size)"
        }
        let span = "\(FigureText.time(first)) to \(FigureText.time(last))"
        return "\(span), \(FigureText.duration(analysis.microseconds)), \(size)"
    }

    /// The main figures: name and value.
    static func overview(_ analysis: Analysis) -> [(String, String)] {
        let (outcomes, repeats) = (analysis.outcomes, analysis.repeats)
        var rows: [(String, String)] = [
            (
                "Requests",
                "\(FigureText.count(outcomes.requests)): \(FigureText.count(outcomes.requests - repeats.all)) distinct, "
                    + FigureText.count(repeats.all, "repeat") + (repeats.all > 0 ? " (\(kinds(of: repeats)))" : "")
            ),
            ("Replies", "\(FigureText.count(outcomes.replies))\(exceptions(outcomes))"),
            ("Reply time", replyTime(analysis.replyTime)),
            (
                "Timeouts",
                "\(FigureText.count(outcomes.timeouts)), "
                    + FigureText.share(Double(outcomes.timeouts), of: Double(outcomes.requests)) + " of the requests"
            ),
        ]
        let rest: [(String, Int)] = [
            ("superseded by the client's next request", outcomes.superseded), ("refused", outcomes.refused),
            ("expired", outcomes.expired), ("not sent", outcomes.notSent), ("without an end in the log", outcomes.open),
        ]
        let others = rest.filter { $0.1 > 0 }.map { "\(FigureText.count($0.1)) \($0.0)" }
        if !others.isEmpty { rows.append(("Other ends", others.joined(separator: ", "))) }
        rows.append(("Writes", FigureText.count(analysis.writes.count)))
        if analysis.unit0.requests > 0 { rows.append(("Unit 0", unit0(analysis))) }
        if analysis.dropped.chunks > 0 { rows.append(("Dropped", dropped(analysis.dropped))) }
        rows.append(("Line", lineUse(analysis)))
        if analysis.gaps.count > 0 {
            rows.append(("Gaps", FigureText.count(analysis.gaps.count, "silence") + " of 10 s or more"))
        }
        return rows
    }

    private static func kinds(of repeats: RepeatCounts) -> String {
        let kinds = [
            (repeats.whilePending, "while the first was pending"), (repeats.afterFailure, "after it had failed"),
            (repeats.afterAnswer, "after its answer"),
        ]
        return kinds.filter { $0.0 > 0 }.map { "\(FigureText.count($0.0)) \($0.1)" }.joined(separator: ", ")
    }

    private static func exceptions(_ outcomes: OutcomeCounts) -> String {
        guard outcomes.exceptions > 0 else { return ", no exceptions" }
        let codes = outcomes.exceptionCodes.sorted { $0.key < $1.key }.map {
            "\(FigureText.count($0.value)) × \($0.key) (\(ExceptionCode(rawValue: $0.key)))"
        }
        return ", of these \(FigureText.count(outcomes.exceptions, "exception")): \(codes.joined(separator: ", "))"
    }

    private static func replyTime(_ times: DurationHistogram) -> String {
        guard times.count > 0 else { return "not in the log" }
        return "median \(FigureText.milliseconds(times.median)), p99 \(FigureText.milliseconds(times.p99)), "
            + "max \(FigureText.milliseconds(times.longest)) ms"
    }

    private static func unit0(_ analysis: Analysis) -> String {
        let units = analysis.unit0.units.sorted().map(\.description).joined(separator: ", ")
        let by = units.isEmpty ? "" : " by unit \(units)"
        return "\(FigureText.count(analysis.unit0.requests, "request")), \(analysis.unit0.answered) answered\(by)"
    }

    private static func dropped(_ dropped: DroppedBytes) -> String {
        "\(FigureText.count(dropped.chunks, "chunk")) of \(FigureText.count(dropped.bytes, "byte")): "
            + "\(FigureText.count(dropped.requests, "whole request")) in them "
            + "(\(FigureText.count(dropped.chunksOfGlued, "chunk")) of several glued together), "
            + "\(FigureText.count(dropped.noiseBytes, "byte")) of noise in \(FigureText.count(dropped.noisyChunks, "chunk"))"
    }

    private static func lineUse(_ analysis: Analysis) -> String {
        let use = analysis.lineUse
        guard use.busyMicroseconds > 0, analysis.microseconds > 0 else { return "not in the log" }
        let span = Double(analysis.microseconds)
        let busy = "in use \(FigureText.share(Double(use.busyMicroseconds), of: span)) of the time"
        guard let wire = use.wireMicroseconds, let baud = use.baud else { return busy }
        return "\(busy), carrying bits \(FigureText.share(Double(wire), of: span)) at \(baud) baud"
    }

    static func client(_ name: String, _ connections: Int?) -> String {
        guard let connections, connections > 1 else { return name }
        return "\(name) (\(FigureText.count(connections, "connection")))"
    }

    static func function(_ function: FunctionCode) -> String {
        switch function {
        case .readHoldingRegisters: "0x03 holding"
        case .readInputRegisters: "0x04 input"
        case RegisterTable.meter.function: "0x20 meter"
        case .writeSingleRegister: "0x06 write"
        case .writeMultipleRegisters: "0x10 write"
        default: "\(function)"
        }
    }

    /// `3000–3124`.
    static func range(_ address: UInt16, _ quantity: UInt16) -> String {
        quantity > 1 ? "\(address)–\(Int(address) + Int(quantity) - 1)" : "\(address)"
    }

    static func write(_ write: RecordedWrite) -> String {
        let values = write.values.prefix(8).map(String.init).joined(separator: " ")
        let more = write.values.count > 8 ? " …" : ""
        return write.values.isEmpty ? "\(write.address)" : "\(write.address) = \(values)\(more)"
    }

    /// What could not be read or used, one line each.
    static func remarks(_ analysis: Analysis, _ summary: ReadingSummary) -> [String] {
        var lines = summary.remarks
        let counts = analysis.pairingCounts
        if counts.strayReplies > 0 {
            lines.append(
                "\(FigureText.count(counts.strayReplies)) stray replies: late, or without their request; ignored")
        }
        if counts.damagedFrames > 0 {
            lines.append("\(FigureText.count(counts.damagedFrames, "frame")) with a wrong CRC; ignored")
        }
        if analysis.lostLines > 0 {
            lines.append("\(FigureText.count(analysis.lostLines, "line")) lost when the log was written")
        }
        if summary.foreignLines > 0 {
            lines.append("\(FigureText.count(summary.foreignLines, "foreign line")), for example:")
            lines += summary.firstForeignLines.map { "  \($0.file):\($0.number): \($0.text)" }
        }
        return lines
    }
}
