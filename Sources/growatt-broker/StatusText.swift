internal import Gateway
internal import Text
internal import Tools

/// The status of a broker for people.
struct StatusText {
    private let status: Snapshot
    private let output = Output()

    init(_ status: Snapshot) {
        self.status = status
    }

    var lines: [String] {
        var lines = ["growatt-broker \(status.version.text), up \(status.uptime.age)"]
        for line in status.lines { lines += self.lines(of: line) }
        lines += status.listeners.map { listener in
            let troubles = [(listener.invalid, "no Modbus"), (listener.dropped, "dropped")]
            return "\(listener.kind.text) \(listener.address.text): \(listener.connections.text) connected"
                + troubles.filter(\.0.isPositive).map { ", \($0.text) \($1)" }.joined()
        }
        if let refused { lines.append(refused) }
        lines += clients
        let lost = [("wire log", status.lost.log), ("capture", status.lost.capture)]
        for (name, count) in lost where count.isPositive { lines.append("\(name): \(count.counted("line")) lost") }
        return lines
    }

    private var clients: [String] {
        table(
            [
                "client", "kind", "name", "answered", "exceptions", "timeouts", "asleep", "refused", "busy", "no line",
                "waited", "longest", "last", "60 s", "failed",
            ],
            words: 3,
            status.clients.map { client in
                let outcomes = client.outcomes
                return [
                    client.address.text, client.kind.text, client.name.text, outcomes.answered.text,
                    outcomes.exceptions.text, outcomes.timeouts.text, outcomes.asleep.text, outcomes.refused.text,
                    outcomes.busy.text, outcomes.unavailable.text, client.waitingTime.mean.milliseconds,
                    client.waitingTime.longest.milliseconds, client.lastRequest.ago, client.lastMinute.answers.text,
                    client.lastMinute.failed.text,
                ]
            })
    }

    /// Who was not let in; nil: nobody.
    private var refused: String? {
        let refused = status.refused
        let reasons = [
            (refused.address, "not allowed"), (refused.perAddress, "too many of one address"),
            (refused.full, "too many"), (refused.handshake, "no TLS"),
            (refused.rate, "requests too many for their rate"), (refused.reflected, "replies that came back"),
        ]
        let counts = reasons.filter(\.0.isPositive).map { "\($0.text) \($1)" }
        return counts.isEmpty ? nil : "refused: \(counts.joined(separator: ", "))"
    }

    private func lines(of line: Snapshot.Line) -> [String] {
        let since = line.since.map { " for \($0.age)" } ?? ""
        let reason = line.reason.map { " (\($0))" } ?? ""
        var lines = ["line \(line.name.text): \(line.endpoint.text), \(line.state.text)\(since)\(reason)"]
        if let passthrough = line.passthrough { lines.append("  passthrough: \(PassthroughText(passthrough).line)") }
        if line.queueLimit != nil {
            lines.append(
                "  \(line.waiting.text) waiting, \(line.retries.counted("retry")), "
                    + "\(line.failedAttempts.counted("attempt")) failed, "
                    + "\(line.foreignFrames.counted("foreign frame")), "
                    + "\(line.lateReplies.counted("late reply")), \(line.noiseBytes.counted("byte")) of noise")
        }
        if line.lastMinute.failed != nil {
            lines.append(
                "  last 60 s: \(line.lastMinute.answers.text) answered, \(line.lastMinute.failed.text) failed")
        }
        if line.firmwareWritesRefused.isPositive {
            lines.append("  \(line.firmwareWritesRefused.counted("write")) refused that start a firmware update")
        }
        return lines
            + table(
                ["unit", "state", "answered", "exceptions", "timeouts", "reply", "longest", "last"],
                line.units.map { unit in
                    [
                        unit.unit.text, unit.state.text, unit.outcomes.answered.text, unit.outcomes.exceptions.text,
                        unit.outcomes.timeouts.text, unit.replyTime.mean.milliseconds,
                        unit.replyTime.longest.milliseconds, unit.lastReply.ago,
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

extension Snapshot.Recent {
    /// Exceptions count as answers.
    fileprivate var answers: Int? { answered.flatMap { answered in exceptions.map { answered + $0 } } }
}
