internal import Modbus
internal import WireLog

/// How much of the time the line is in use.
package struct LineUse: Sendable {
    /// Microseconds in which a request was under way, from its sending to its end; time is counted once.
    package private(set) var busyMicroseconds: Int64 = 0
    /// Bytes of requests and replies.
    package private(set) var bytes = 0
    /// As far as the recording tells.
    package private(set) var baud: Int?
    /// Bits of a character, start and stop bit included.
    package private(set) var characterBits: Int?
    private var isBaudOfInverter = false
    private var busyUntil: Int64?

    mutating func add(_ exchange: RecordedExchange) {
        guard let duration = exchange.duration, let time = exchange.replyTime else { return }
        let end = exchange.microseconds + duration
        // Another recording begins when time goes back.
        if let busyUntil, end < busyUntil - 3_600_000_000 { self.busyUntil = nil }
        let start = max(end - time, busyUntil ?? end - time)
        // Nothing new: a copy that got the same reply.
        guard end > start else { return }
        busyMicroseconds += end - start
        busyUntil = end
        bytes += exchange.request.bytes.count + 3 + (exchange.reply.map { $0.bytes.count + 3 } ?? 0)
    }

    /// The inverter's line counts before the dongle's.
    mutating func add(_ line: RecordedLine) {
        guard let baud = line.baud, line.event == .inverterOnline || !isBaudOfInverter else { return }
        (self.baud, characterBits) = (baud, line.characterBits)
        isBaudOfInverter = line.event == .inverterOnline
    }

    /// Microseconds that the bytes take on the line; nil if the recording does not tell its speed.
    package var wireMicroseconds: Int64? {
        guard let baud, baud > 0 else { return nil }
        return Int64(min(Double(bytes) * Double(characterBits ?? 10) * 1_000_000 / Double(baud), 1e18))
    }
}
