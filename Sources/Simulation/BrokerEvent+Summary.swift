internal import Broker
internal import Modbus

extension BrokerEvent {
    /// One line for the trace of a run.
    var summary: String {
        switch self {
        case .request(let query): "asked \(query.summary)"
        case .finished(let exchange, let delivery):
            "finished \(exchange.query.summary): \(exchange.outcome), \(exchange.attempts) attempts, \(delivery)"
        case .transmitted(let frame, let reason, _): "sent \(reason) \(frame.bytes.hexadecimal)"
        case .attemptFailed(let query, let attempt, _, let isDamaged):
            "attempt \(attempt) failed \(query.summary)\(isDamaged ? ", damaged" : "")"
        case .discarded(let bytes, _, let reason): "discarded \(reason) \(bytes.hexadecimal)"
        case .line(let event): "line \(event)"
        case .passthrough(let event): "passthrough \(event)"
        case .refused(let query, let refusal, let place): "refused \(query.summary): \(refusal), \(place)"
        case .client(let event, let place): "\(event), \(place)"
        case .donglePort(let event): "\(event)"
        case .admission(let event): "\(event)"
        }
    }
}

extension Query {
    var summary: String { "\(client.name) unit \(clientUnit) \(pdu.bytes.hexadecimal)" }
}

extension Exchange {
    var outcome: String {
        switch result {
        case .success(let frame): frame.pdu.bytes.hexadecimal
        case .failure(let error): "\(error)"
        }
    }
}

extension RTUFrame {
    var summary: String { bytes.hexadecimal }
}

extension [UInt8] {
    /// The first bytes, and how many there are.
    var hexadecimal: String {
        let digits = prefix(10).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        return count > 10 ? "\(digits)… (\(count))" : digits
    }
}
