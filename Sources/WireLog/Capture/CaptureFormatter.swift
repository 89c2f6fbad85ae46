internal import Broker
internal import Modbus

/// Turns the ends of exchanges into lines of a capture: JSON objects, one backend call a line, as `interfaces.md` shows
/// them.
///
/// Every line begins with `ts` (seconds since 1970) and `op`. A call that got no answer has `error` and no `code`.
struct CaptureFormatter: RecordFormatter {
    private var lines = JSONRecords()

    init() {
    }

    mutating func reserve(lines count: Int) { lines.reserve(lines: count) }

    mutating func take() -> RecordBatch { lines.take() }

    /// A capture has no words for it; the operator is told.
    mutating func append(loss event: WireLogEvent, of count: Int, because reason: String?, at microseconds: Int64) {
    }

    mutating func append(_ entry: WireLogEntry) {
        guard let exchange = entry.event.capturedExchange else { return }
        lines.begin()
        lines.append(.timestamp, millionths: entry.microseconds)
        append(exchange.query, of: exchange.answeringUnit, reply: exchange.reply)
        if case .failure(let error) = exchange.result { lines.append(.error, error.nameInWireLog) }
        if let line = entry.line { lines.append(.line, line) }
        lines.end()
    }

    private mutating func append(_ query: Query, of unit: UnitIdentifier, reply: PDU?) {
        let request = (try? Request(query.pdu)) ?? .opaque(query.pdu)
        switch request {
        case .readRegisters(.readHoldingRegisters, let range): begin(.readHolding, unit, range)
        case .readRegisters(.readInputRegisters, let range): begin(.readInput, unit, range)
        case .writeSingle(.writeSingleRegister, let address, let value):
            begin(.writeSingle, unit)
            lines.append(.address, Int(address))
            lines.append(.value, Int(value))
        case .writeRegisters(let range, let values):
            begin(.writeMultiple, unit)
            lines.append(.address, Int(range.address))
            lines.append(.values, numbers: values)
        default:
            appendRaw(query, of: unit, reply)
            return
        }
        guard let reply else { return }
        if let code = reply.exceptionCode {
            lines.append(.error, WireLogName.exception)
            lines.append(.code, Int(code.rawValue))
        } else if query.isRead {
            lines.append(.registers, numbers: reply.registers ?? [])
        }
    }

    private mutating func begin(_ operation: CapturedCall, _ unit: UnitIdentifier, _ range: AddressRange? = nil) {
        lines.append(.operation, operation)
        lines.append(.capturedUnit, Int(unit.rawValue))
        if let range {
            lines.append(.address, Int(range.address))
            lines.append(.quantity, Int(range.quantity))
        }
    }

    private mutating func appendRaw(_ query: Query, of unit: UnitIdentifier, _ reply: PDU?) {
        begin(.raw, unit)
        lines.append(.function, Int(query.pdu.function.rawValue))
        lines.append(.pdu, hex: query.pdu.bytes)
        if let reply { lines.append(.reply, hex: reply.bytes) }
    }
}

extension BrokerEvent {
    /// What a capture holds of this event: an exchange that had an answer, or waited for one in vain.
    ///
    /// What was refused, withdrawn or expired before it was sent was no call.
    var capturedExchange: Exchange? {
        guard case .finished(let exchange, _) = self else { return nil }
        switch exchange.result {
        case .success, .failure(.noReply), .failure(.expiredOnLine): return exchange
        case .failure: return nil
        }
    }
}

extension Exchange {
    fileprivate var reply: PDU? { try? result.get().pdu }

    /// Who has answered a read of unit 0; otherwise who was asked.
    fileprivate var answeringUnit: UnitIdentifier {
        query.isRead ? (try? result.get().unit) ?? query.clientUnit : query.clientUnit
    }
}
