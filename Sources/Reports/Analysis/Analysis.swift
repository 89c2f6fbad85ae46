package import Modbus
package import Text
package import WireLog

/// What a recording teaches about its clients, its line and its units, in constant memory.
///
/// Take all lines, then ``end()``, then read the figures.
package struct Analysis: Sendable {
    private var pairing = ExchangePairing()
    private var repeatDetector = RepeatDetector()
    /// What the present line has ended; kept for its memory.
    private var ended: [RecordedExchange] = []

    /// On the clock on the wall; nil before the first line.
    package private(set) var firstWallMicroseconds: Int64?
    package private(set) var lastWallMicroseconds: Int64?
    /// On the clock of the lines.
    private var span: (first: Int64, last: Int64)?

    package private(set) var outcomes = OutcomeCounts()
    package private(set) var repeats = RepeatCounts()
    package private(set) var clients = ClientFigures()
    package private(set) var blocks = BlockList()
    package private(set) var writes = FirstElements<RecordedWrite>(capacity: 1000)
    package private(set) var dropped = DroppedBytes()
    package private(set) var lineUse = LineUse()
    package private(set) var gaps = Gaps()
    package private(set) var timeline = ActivityTimeline()
    package private(set) var registers = RegisterStatistics()
    package private(set) var replyTime = DurationHistogram()
    /// By the number of bytes of the reply as it is on the line, 4–256.
    package private(set) var replyTimeBySize = [DurationHistogram](repeating: .init(), count: 257)
    /// WARN and SYS lines.
    package private(set) var events: [WireLogEvent: Int] = [:]
    /// Requests to unit 0, and how many were answered, by which units.
    package private(set) var unit0 = (requests: 0, answered: 0, units: Set<UnitIdentifier>())
    /// Lines that our log could not write, by its own account.
    package private(set) var lostLines = 0

    package init() {}

    /// What the pairing could not use.
    package var pairingCounts: ExchangePairing.Counts { pairing.counts }

    /// From the first line to the last; 0 if there are fewer than two.
    package var microseconds: Int64 { span.map { $0.last - $0.first } ?? 0 }

    package mutating func take(_ line: RecordedLine) {
        note(line)
        pairing.take(line) { ended.append($0) }
        addEnded()
    }

    /// The recording has ended.
    package mutating func end() {
        pairing.end { ended.append($0) }
        addEnded()
    }

    private mutating func addEnded() {
        guard !ended.isEmpty else { return }
        for index in ended.indices { add(ended[index]) }
        ended.removeAll(keepingCapacity: true)
    }

    private mutating func note(_ line: RecordedLine) {
        firstWallMicroseconds = min(firstWallMicroseconds ?? .max, line.wallMicroseconds)
        lastWallMicroseconds = max(lastWallMicroseconds ?? .min, line.wallMicroseconds)
        let (first, last) = span ?? (line.microseconds, line.microseconds)
        span = (min(first, line.microseconds), max(last, line.microseconds))
        gaps.add(line)
        switch line.kind {
        case .drop:
            dropped.add(line)
            timeline.add(\.drops, at: line.wallMicroseconds)
        case .warning, .system:
            events[line.event ?? .other, default: 0] += 1
            lostLines += line.lost
            lineUse.add(line)
        case .request, .reply, .call, .raw: break
        }
    }

    private mutating func add(_ exchange: RecordedExchange) {
        let finding = repeatDetector.take(exchange)
        var isRepeat = false
        if case .repeated(let kind) = finding {
            repeats[keyPath: kind] += 1
            isRepeat = true
        }
        outcomes.add(exchange)
        clients.add(exchange, finding)
        blocks.add(exchange, isRepeat: isRepeat)
        lineUse.add(exchange)
        timeline.add(\.requests, at: exchange.wallMicroseconds)
        if exchange.outcome == .timeout { timeline.add(\.timeouts, at: exchange.wallMicroseconds) }
        if let write = RecordedWrite(exchange) { writes.append(write) }
        if exchange.unit.isBroadcast { addToUnit0(exchange) }
        if let reply = exchange.reply, let time = exchange.replyTime {
            replyTime.add(time)
            replyTimeBySize[min(256, reply.bytes.count + 3)].add(time)
        }
        if let read = exchange.readRegisters { registers.add(read) }
    }

    private mutating func addToUnit0(_ exchange: RecordedExchange) {
        unit0.requests += 1
        guard let unit = exchange.answeringUnit else { return }
        unit0.answered += 1
        unit0.units.insert(unit)
    }
}
