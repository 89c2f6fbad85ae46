internal import Modbus
internal import WireLog

/// Remembers the last request of each client, and tells whether the next one repeats it.
struct RepeatDetector {
    enum Finding {
        case firstOfClient
        case different
        case repeated(WritableKeyPath<RepeatCounts, Int>)
    }

    private struct Last {
        let unit: UnitIdentifier
        let request: PDU
        let isAnswered: Bool
        let end: Int64
    }

    /// Of the younger half; who has not asked for long is forgotten.
    private static let capacity = 8192

    private var young: [Int: Last] = [:]
    private var old: [Int: Last] = [:]

    mutating func take(_ exchange: RecordedExchange) -> Finding {
        let number = exchange.client.number
        let last = young[number] ?? old[number]
        if young.count >= Self.capacity, young[number] == nil { (old, young) = (young, [:]) }
        young[number] = Last(
            unit: exchange.unit, request: exchange.request, isAnswered: exchange.reply != nil,
            end: exchange.microseconds + (exchange.duration ?? 0))
        guard let last else { return .firstOfClient }
        guard last.unit == exchange.unit, last.request == exchange.request else { return .different }
        if last.end > exchange.microseconds { return .repeated(\.whilePending) }
        return .repeated(last.isAnswered ? \.afterAnswer : \.afterFailure)
    }
}
