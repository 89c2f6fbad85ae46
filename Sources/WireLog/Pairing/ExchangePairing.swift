internal import Modbus

/// Finds the request of each reply in the lines of a recording, in their order.
///
/// A line with `outcome` is of our log, where each request has exactly one reply line: it belongs to the oldest
/// request of the same client that it fits. The prototype served each client one request at a time, and logged late
/// replies as if they were answers: there a reply counts only if it fits the client's newest request. What a reply
/// must look like is ``ReplyShape``, made from the request; the reply's own fields are not looked at.
package struct ExchangePairing {
    package struct Counts: Sendable {
        /// Replies that fit no request which waits for one: late, or their request is not in the recording.
        package internal(set) var strayReplies = 0
        /// Requests and replies with a wrong CRC.
        package internal(set) var damagedFrames = 0
        /// Requests whose end is not in the recording.
        package internal(set) var openRequests = 0
    }

    private struct Waiting {
        var exchange: RecordedExchange
        let shape: ReplyShape
    }

    /// The most requests that wait; then the oldest one is given up.
    private static let capacity = 1024
    /// A request that has waited for so long, in microseconds, will not be answered.
    private static let patience: Int64 = 60_000_000

    /// In the order of their lines.
    private var waiting: [Waiting] = []
    package private(set) var counts = Counts()

    package init() {
    }

    /// - Parameter emit: gets the exchanges that this line ends.
    package mutating func take(_ line: RecordedLine, _ emit: (RecordedExchange) -> Void) {
        switch line.kind {
        case .request: request(line, emit)
        case .reply: reply(line, emit)
        case .call: call(line, emit)
        case .warning where line.event == .logOverflow || line.event == .logWriteFailed: end(emit)
        case .drop, .warning, .system, .raw: break
        }
    }

    /// The recording has ended, or lines are missing: what waits remains open.
    package mutating func end(_ emit: (RecordedExchange) -> Void) {
        giveUp(waiting.count, emit)
    }

    private mutating func giveUp(_ count: Int, _ emit: (RecordedExchange) -> Void) {
        guard count > 0 else { return }
        counts.openRequests += count
        for waiting in waiting[..<count] { emit(waiting.exchange) }
        waiting.removeFirst(count)
    }

    private mutating func request(_ line: RecordedLine, _ emit: (RecordedExchange) -> Void) {
        forget(before: line.microseconds, emit)
        guard let client = line.client, let (unit, pdu) = frame(line.bytes) else { return }
        let exchange = RecordedExchange(
            client: client, microseconds: line.microseconds, wallMicroseconds: line.wallMicroseconds, unit: unit,
            request: pdu)
        if waiting.count == Self.capacity { giveUp(1, emit) }
        waiting.append(Waiting(exchange: exchange, shape: ReplyShape(unit: unit, request: pdu)))
    }

    /// Gives up what has waited too long; everything, if time went back: another recording begins.
    private mutating func forget(before now: Int64, _ emit: (RecordedExchange) -> Void) {
        guard let oldest = waiting.first else { return }
        if let newest = waiting.last, now < newest.exchange.microseconds - Self.patience {
            end(emit)
        } else if oldest.exchange.microseconds < now - Self.patience {
            giveUp(waiting.prefix { $0.exchange.microseconds < now - Self.patience }.count, emit)
        }
    }

    /// Unit and PDU of an intact frame. Others are counted.
    private mutating func frame(_ bytes: [UInt8]) -> (UnitIdentifier, PDU)? {
        guard RTUFrame.minimumLength...RTUFrame.maximumLength ~= bytes.count,
            bytes.withUnsafeBytes({ CRC16.checksum(of: $0) }) == 0,
            let pdu = try? PDU(Array(bytes[1..<(bytes.count - 2)]))
        else {
            counts.damagedFrames += 1
            return nil
        }
        return (UnitIdentifier(rawValue: bytes[0]), pdu)
    }

    private mutating func call(_ line: RecordedLine, _ emit: (RecordedExchange) -> Void) {
        guard let client = line.client, let unit = line.unit, let request = line.request else { return }
        var exchange = RecordedExchange(
            client: client, microseconds: line.microseconds, wallMicroseconds: line.wallMicroseconds, unit: unit,
            request: request)
        exchange.reply = try? PDU(line.bytes)
        exchange.answeringUnit = exchange.reply.map { _ in unit }
        exchange.outcome =
            switch exchange.reply {
            case nil: .timeout
            case let reply?: reply.function.isException ? .exception : .ok
            }
        emit(exchange)
    }
}

extension ExchangePairing {
    private mutating func reply(_ line: RecordedLine, _ emit: (RecordedExchange) -> Void) {
        guard let client = line.client else { return }
        var reply: (unit: UnitIdentifier, pdu: PDU)?
        if !line.bytes.isEmpty {
            guard let frame = frame(line.bytes) else { return }
            reply = frame
        }
        let index =
            line.outcome == nil
            ? newest(of: client, answeredBy: line.bytes) : oldest(of: client, endedBy: line)
        guard let index else {
            counts.strayReplies += 1
            return
        }
        var exchange = waiting.remove(at: index).exchange
        exchange.outcome = line.outcome ?? Self.outcome(reply?.pdu)
        if let reply, !line.isFromBroker { (exchange.answeringUnit, exchange.reply) = (reply.unit, reply.pdu) }
        exchange.duration = max(0, line.microseconds - exchange.microseconds)
        exchange.replyTime = line.busTime ?? (line.outcome == nil ? exchange.duration : nil)
        exchange.waitingTime = line.waitingTime
        emit(exchange)
        if line.outcome == nil { giveUp(of: client, emit) }
    }

    private static func outcome(_ reply: PDU?) -> WireLogOutcome {
        guard let reply else { return .timeout }
        return reply.function.isException ? .exception : .ok
    }

    private func newest(of client: RecordedClient, answeredBy bytes: [UInt8]) -> Int? {
        guard let index = waiting.lastIndex(where: { $0.exchange.client.number == client.number }) else { return nil }
        return bytes.isEmpty || waiting[index].shape.fits(bytes) ? index : nil
    }

    private func oldest(of client: RecordedClient, endedBy line: RecordedLine) -> Int? {
        waiting.firstIndex {
            guard $0.exchange.client.number == client.number else { return false }
            if !line.bytes.isEmpty { return $0.shape.fits(line.bytes) }
            return (line.unit ?? $0.exchange.unit) == $0.exchange.unit
                && (line.function ?? $0.exchange.request.function) == $0.exchange.request.function
        }
    }

    /// What the prototype has not answered before it went on.
    private mutating func giveUp(of client: RecordedClient, _ emit: (RecordedExchange) -> Void) {
        guard waiting.contains(where: { $0.exchange.client.number == client.number }) else { return }
        for lost in waiting where lost.exchange.client.number == client.number {
            counts.openRequests += 1
            emit(lost.exchange)
        }
        waiting.removeAll { $0.exchange.client.number == client.number }
    }
}

extension ReplyShape {
    /// Whether an intact frame is the reply.
    fileprivate func fits(_ frame: [UInt8]) -> Bool {
        switch match(frame[...]) {
        case .bytes(let length): length == frame.count
        case .opaque: true
        case .needs, .impossible: false
        }
    }
}
