internal import Text
internal import Tools

/// The status of a broker for people.
struct StatusText {
    private let status: JSONValue
    private let output = Output()

    init(_ status: JSONValue) {
        self.status = status
    }

    var lines: [String] {
        var lines = ["growatt-broker \(status["version"].text), up \(status["uptimeSeconds"].age)"]
        for line in status["lines"].elements { lines += self.lines(of: line) }
        lines += status["listeners"].elements.map { listener in
            let troubles = [("invalid", "no Modbus"), ("dropped", "dropped")].compactMap { key, words in
                (listener[key].integer ?? 0) > 0 ? ", \(listener[key].text) \(words)" : nil
            }
            return "\(listener["kind"].text) \(listener["address"].text): \(listener["connections"].text) connected"
                + troubles.joined()
        }
        if let refused { lines.append(refused) }
        lines += clients
        let lost = [("wire log", status["lost"]["log"]), ("capture", status["lost"]["capture"])]
        for (name, value) in lost where (value.integer ?? 0) > 0 {
            lines.append("\(name): \(value.counted("line")) lost")
        }
        return lines
    }

    private var clients: [String] {
        table(
            [
                "client", "kind", "name", "answered", "exceptions", "timeouts", "asleep", "refused", "busy", "no line",
                "waited", "longest", "last", "60 s", "failed",
            ],
            words: 3,
            status["clients"].elements.map { client in
                [
                    client["address"].text, client["kind"].text, client["name"].text, client["answered"].text,
                    client["exceptions"].text, client["timeouts"].text,
                    client["asleep"].text, client["refused"].text, client["busy"].text, client["unavailable"].text,
                    client["waitingTime"]["meanMilliseconds"].milliseconds,
                    client["waitingTime"]["longestMilliseconds"].milliseconds, client["lastRequestSeconds"].ago,
                    client["lastMinute"].answers, client["lastMinute"]["failed"].text,
                ]
            })
    }

    /// Who was not let in; nil: nobody.
    private var refused: String? {
        let reasons = [
            ("address", "not allowed"), ("perAddress", "too many of one address"), ("full", "too many"),
            ("handshake", "no TLS"), ("rate", "requests too many for their rate"),
            ("reflected", "replies that came back"),
        ]
        let counts = reasons.compactMap { key, words in
            let count = status["refused"][key]
            return (count.integer ?? 0) > 0 ? "\(count.text) \(words)" : nil
        }
        return counts.isEmpty ? nil : "refused: \(counts.joined(separator: ", "))"
    }

    private func lines(of line: JSONValue) -> [String] {
        let since = line["sinceSeconds"].isThere ? " for \(line["sinceSeconds"].age)" : ""
        let reason = line["reason"].isThere ? " (\(line["reason"].text))" : ""
        var lines = ["line \(line["name"].text): \(line["endpoint"].text), \(line["state"].text)\(since)\(reason)"]
        if line["passthrough"].isThere { lines.append("  passthrough: \(PassthroughText(line["passthrough"]).line)") }
        if line["queueLimit"].isThere {
            lines.append(
                "  \(line["waiting"].text) waiting, \(line["retries"].counted("retry")), "
                    + "\(line["failedAttempts"].counted("attempt")) failed, "
                    + "\(line["foreignFrames"].counted("foreign frame")), "
                    + "\(line["lateReplies"].counted("late reply")), \(line["noiseBytes"].counted("byte")) of noise")
        }
        if line["lastMinute"].isThere {
            let recent = line["lastMinute"]
            lines.append("  last 60 s: \(recent.answers) answered, \(recent["failed"].text) failed")
        }
        if (line["firmwareWritesRefused"].integer ?? 0) > 0 {
            lines.append("  \(line["firmwareWritesRefused"].counted("write")) refused that start a firmware update")
        }
        return lines
            + table(
                ["unit", "state", "answered", "exceptions", "timeouts", "reply", "longest", "last"],
                line["units"].elements.map { unit in
                    [
                        unit["unit"].text, unit["state"].text, unit["answered"].text, unit["exceptions"].text,
                        unit["timeouts"].text, unit["replyTime"]["meanMilliseconds"].milliseconds,
                        unit["replyTime"]["longestMilliseconds"].milliseconds, unit["lastReplySeconds"].ago,
                    ]
                })
    }

    /// The rows below the head, the first columns being words; nothing without rows.
    private func table(_ head: [String], words: Int = 2, _ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        var columns = Columns(head, leftAligned: Set(0..<words))
        for row in rows { columns.append(row) }
        return columns.text(output).split(separator: "\n").map { "  \($0)" }
    }
}

extension JSONValue {
    /// The value of a member; null where there is none.
    subscript(key: String) -> JSONValue { members?.first { $0.key == key }?.value ?? .null }

    fileprivate var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var isThere: Bool { self != .null }

    /// A number with its noun.
    func counted(_ noun: String) -> String { integer?.counted(noun) ?? "\(text) \(noun)s" }

    var text: String {
        switch self {
        case .null: "-"
        case .string(let text), .number(let text): text
        default: summary
        }
    }

    /// Columns of the last minute: exceptions count as answers.
    fileprivate var answers: String {
        guard let answered = self["answered"].integer, let exceptions = self["exceptions"].integer else { return "-" }
        return "\(answered + exceptions)"
    }

    private var decimal: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }

    fileprivate var milliseconds: String { decimal.map { "\(Int($0.rounded())) ms" } ?? "-" }

    /// Seconds as `3 d 4 h`, `5 m 12 s` or `7 s`.
    var age: String {
        guard let seconds = decimal.map({ Int($0) }) else { return "-" }
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) m \(seconds % 60) s"
        case ..<86400: return "\(seconds / 3600) h \(seconds / 60 % 60) m"
        default: return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
        }
    }

    fileprivate var ago: String { isThere ? "\(age) ago" : "-" }
}
