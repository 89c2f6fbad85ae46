internal import Broker
internal import Modbus

/// What waits to be formatted, and when it happened.
struct WireLogEntry: Sendable {
    let event: BrokerEvent
    /// Since 1970.
    let microseconds: Int64
    /// The name of the line that it is about, where there are several.
    var line: String?

    /// About the memory that it takes, in bytes.
    var weight: Int { Self.overhead + event.payloadLength }

    /// The entry itself, and the headers of the arrays that it holds.
    private static let overhead = MemoryLayout<WireLogEntry>.stride + 64
}

extension BrokerEvent {
    fileprivate var payloadLength: Int {
        switch self {
        case .request(let query): query.pdu.bytes.count
        case .finished(let exchange, _): exchange.query.pdu.bytes.count + exchange.replyLength
        case .transmitted(let frame, _, _): frame.pdu.bytes.count
        case .attemptFailed(let query, _, _, _): query.pdu.bytes.count
        case .discarded(let bytes, _, _): bytes.count
        case .passthrough(.bytes(let bytes, _)): bytes.count
        case .line, .passthrough, .donglePort: 0
        case .refused(let query, _, _): query.pdu.bytes.count
        case .client, .admission: 0
        }
    }
}

extension Exchange {
    fileprivate var replyLength: Int {
        if case .success(let frame) = result { frame.pdu.bytes.count } else { 0 }
    }
}
