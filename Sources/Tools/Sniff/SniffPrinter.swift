internal import Broker
internal import Modbus
internal import Text
internal import WireLog

/// Where a sniff tells what it hears: lines for a person or for a program on the standard output, and a wire log.
final class SniffPrinter {
    private let output: Output
    private let isJSON: Bool
    private let lines = ExchangeLine(isOfTap: true)
    private let log: WireLog?
    private var formatter = WireLogFormatter()

    /// - Parameter log: a file that is added to; nil: none.
    init(_ output: Output, isJSON: Bool, log: String?) {
        self.output = output
        self.isJSON = isJSON
        self.log = log.map { path in
            WireLog(
                .file(path: path, maximumSize: WireLogDestination.defaultMaximumSize)
            ) { [output] in output.tell($0) }
        }
    }

    /// Tells what became clear at once, in the order in which it came.
    ///
    /// - Throws: ``ToolError/outputClosed``.
    func tell(_ events: [BrokerEvent]) throws(ToolError) {
        for (index, event) in events.enumerated() {
            // Noise has no time of its own: it came before the frame behind it.
            let came = events[index...].lazy.compactMap(Self.arrival(of:)).first
            try tell(event, at: Self.wallTime(of: came))
        }
    }

    private func tell(_ event: BrokerEvent, at time: Int64) throws(ToolError) {
        log?.offer(event, at: time)
        if isJSON {
            let bytes = formatter.line(event, at: time)
            try output.write(String(decoding: bytes, as: UTF8.self))
        } else if let text = text(of: event) {
            try output.write("\(WallClock.timestamp(time).dropFirst(11)) \(text)\n")
        }
    }

    func close() { log?.close() }

    /// When the last byte came: a frame is told apart later than it comes.
    private static func arrival(of event: BrokerEvent) -> Instant? {
        switch event {
        case .request(let query): query.arrived
        case .finished(let exchange, _): exchange.finished
        default: nil
        }
    }

    /// In microseconds since 1970.
    ///
    /// - Parameter instant: nil: now.
    private static func wallTime(of instant: Instant?) -> Int64 {
        let clock = WireLogClock.system
        return clock.wall() - (instant.map { max(.zero, clock.uptime() - $0).nanoseconds / 1000 } ?? 0)
    }

    private func text(of event: BrokerEvent) -> String? {
        switch event {
        case .discarded(let bytes, _, let reason):
            let what =
                reason == .foreign
                ? "frame of no request that was heard" : "\(bytes.count.counted("byte")) of \(reason.rawValue)"
            let shown = bytes.prefix(24).map { Digits.hex($0, 2).lowercased() }.joined()
            return output.styled("\(what): \(shown)\(bytes.count > 24 ? "…" : "")", .faint)
        case .finished(let exchange, _):
            guard let line = lines.text(of: event) else { return nil }
            switch exchange.result {
            case .success(let frame): return frame.pdu.function.isException ? output.styled(line, .yellow) : line
            case .failure: return output.styled(line, .red)
            }
        default: return lines.text(of: event)
        }
    }
}
