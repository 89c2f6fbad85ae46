package import Modbus
internal import Text
package import WireLog

/// What a server answers to the requests of a recording, beside what the recording has.
package struct ReplayComparison {
    private struct Difference {
        let unit: UnitIdentifier
        let function: FunctionCode
        /// Of the request, if it has one.
        let address: UInt16?
        /// Such as `41: 12 → 99`, in ASCII but for the arrow.
        let text: String
    }

    /// The most differences that are told one by one.
    private static let shown = 20

    package private(set) var asked = 0
    package private(set) var equal = 0
    package private(set) var different = 0
    /// Answered now and not then, or the other way round.
    package private(set) var onlyNow = 0
    package private(set) var onlyThen = 0
    /// Requests that were not sent: writes, unless they were asked for.
    package private(set) var omitted = 0
    private var examples: [Difference] = []
    private var timesThen = DurationHistogram()
    private var timesNow = DurationHistogram()

    package init() {}

    /// Whether there was any request.
    package var isOfSomething: Bool { asked + omitted > 0 }

    package mutating func omit() { omitted += 1 }

    /// - Parameter microseconds: how long the answer took now.
    package mutating func note(_ exchange: RecordedExchange, _ answer: PDU?, microseconds: Int64) {
        asked += 1
        // What a gateway says where a unit says nothing.
        let isAbsent = [.gatewayPathUnavailable, .gatewayTargetFailedToRespond].contains(answer?.exceptionCode)
        let answer = isAbsent ? nil : answer
        if let time = exchange.replyTime { timesThen.add(time) }
        if answer != nil { timesNow.add(microseconds) }
        switch (exchange.reply, answer) {
        case (nil, nil): equal += 1
        case (nil, _?): onlyNow += 1
        case (_?, nil): onlyThen += 1
        case (let then?, let now?):
            if then == now { equal += 1 } else { noteDifference(exchange, then, now) }
        }
    }

    private mutating func noteDifference(_ exchange: RecordedExchange, _ then: PDU, _ now: PDU) {
        different += 1
        guard examples.count < Self.shown else { return }
        let address = exchange.request.word(at: 1)
        examples.append(
            Difference(
                unit: exchange.unit, function: exchange.request.function, address: address,
                text: Self.difference(then, now, from: Int(address ?? 0))))
    }

    private static func difference(_ then: PDU, _ now: PDU, from address: Int) -> String {
        if let code = now.exceptionCode { return "now exception \(code.rawValue)" }
        if let code = then.exceptionCode { return "then exception \(code.rawValue)" }
        guard let old = then.registers, let new = now.registers, old.count == new.count else {
            return "another answer"
        }
        let changed = old.indices.filter { old[$0] != new[$0] }
        let first = changed.prefix(3).map { "\(address + $0): \(old[$0]) → \(new[$0])" }.joined(separator: ", ")
        return changed.count > 3 ? "\(first) and \(changed.count - 3) more" : first
    }

    /// Some lines for a person.
    package var text: String {
        var lines = [
            "Asked       \(asked)" + (omitted > 0 ? ", \(omitted.counted("write")) not sent" : ""),
            "Equal       \(equal)", "Different   \(different)",
            "Only then   \(onlyThen) answered", "Only now    \(onlyNow) answered",
            "Time        median then \(Self.milliseconds(timesThen)), now \(Self.milliseconds(timesNow)) ms",
        ]
        lines += examples.map { example in
            let place = example.address.map { " address \($0)" } ?? ""
            return "  unit \(example.unit) function \(example.function)\(place): \(example.text)"
        }
        if different > examples.count { lines.append("  and \(different - examples.count) more") }
        return lines.joined(separator: "\n")
    }

    /// One object on one line.
    package var json: String {
        let differences = examples.map { example in
            let address = example.address.map { "\"address\":\($0)," } ?? ""
            return "{\"unit\":\(example.unit),\"function\":\(example.function.rawValue),\(address)"
                + "\"text\":\"\(example.text)\"}"
        }
        return "{\"asked\":\(asked),\"equal\":\(equal),\"different\":\(different),\"only_then\":\(onlyThen),"
            + "\"only_now\":\(onlyNow),\"omitted\":\(omitted),\"median_ms_then\":\(Self.number(timesThen)),"
            + "\"median_ms_now\":\(Self.number(timesNow)),\"differences\":[\(differences.joined(separator: ","))]}"
    }

    private static func milliseconds(_ times: DurationHistogram) -> String {
        times.count > 0 ? number(times) : "–"
    }

    private static func number(_ times: DurationHistogram) -> String {
        guard let median = times.median else { return "null" }
        let tenths = (median + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
