internal import Modbus
internal import WireLog

/// Gives each request the next exchange that has it. What is passed over waits for its turn, up to a limit.
struct StrictOrder {
    /// How many of each request are still to be read.
    private var unread: [RecordedRequest: Int]
    private let knowsAll: Bool
    private let capacity: Int
    /// What was read and nobody has asked for yet.
    private var waiting: [RecordedExchange] = []

    init(_ survey: RecordingSurvey, capacity: Int) {
        unread = survey.requests
        knowsAll = survey.hasAllRequests
        self.capacity = capacity
    }

    var isEmpty: Bool { waiting.isEmpty }

    /// Looks among what was passed over, then at most ``RecordingStream/capacity`` exchanges further.
    ///
    /// - Returns: nil if there is none; then the recording has not moved, unless the request comes later in it.
    mutating func next(_ request: RecordedRequest, from stream: RecordingStream) -> RecordedExchange? {
        if let index = waiting.firstIndex(where: { $0.answers(request) }) { return waiting.remove(at: index) }
        guard isToCome(request) else { return nil }
        for _ in 0..<RecordingStream.capacity {
            guard let exchange = stream.next() else { return nil }
            if let count = unread[exchange.key] { unread[exchange.key] = count - 1 }
            if exchange.answers(request) { return exchange }
            keep(exchange)
        }
        return nil
    }

    private func isToCome(_ request: RecordedRequest) -> Bool {
        let unanswered = RecordedRequest(unit: .broadcast, pdu: request.pdu)
        return !knowsAll || [request, unanswered].contains { unread[$0] ?? 0 > 0 }
    }

    private mutating func keep(_ exchange: RecordedExchange) {
        // Several at once, as each removal moves all others.
        if waiting.count >= capacity { waiting.removeFirst(max(1, capacity / 8)) }
        waiting.append(exchange)
    }
}

extension RecordedExchange {
    /// Whether it is what the unit makes of the request. Nobody has answered what was asked of unit 0 in vain.
    fileprivate func answers(_ request: RecordedRequest) -> Bool {
        guard self.request == request.pdu else { return false }
        return key.unit == request.unit || (answeringUnit == nil && unit.isBroadcast)
    }
}
