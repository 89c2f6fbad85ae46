internal import Broker
internal import Modbus

extension JSONRecords {
    /// The fields of a RSP line; which outcome has which `hex` is told at ``WireLogOutcome``.
    mutating func append(_ exchange: Exchange, _ delivery: BrokerEvent.Delivery) {
        let outcome = WireLogOutcome(exchange, delivery)
        append(.toClient, exchange.query.client.name)
        if let frame = exchange.frame(outcome, delivery) {
            append(frame)
        } else {
            append(absenceOfReplyTo: exchange.query)
        }
        append(fieldsOf: exchange.query.pdu)
        if let time = exchange.busTime { append(.busTime, milliseconds: time) }
        append(.waitingTime, milliseconds: exchange.waitingTime)
        append(.attempt, exchange.attempts)
        append(.source, exchange.source.rawValue)
        append(.outcome, outcome)
        switch exchange.result {
        case .failure(let error): append(.error, error.nameInWireLog)
        case .success: if delivery == .suppressed { append(.isDelivered, false) }
        }
    }

    /// `len` is the number of bytes between function code and CRC.
    mutating func append(_ frame: RTUFrame) {
        append(.isIntact, true)
        append(.hex, hex: frame.bytes)
        append(.unit, Int(frame.unit.rawValue))
        append(.function, Int(frame.pdu.function.rawValue))
        append(.length, frame.pdu.bytes.count - 1)
    }

    /// Where a reply is missing, `crc_ok` is false: tools that open `hex` look at it first.
    private mutating func append(absenceOfReplyTo query: Query) {
        append(.isIntact, false)
        append(.hex, "" as StaticString)
        append(.unit, Int(query.clientUnit.rawValue))
        append(.function, Int(query.pdu.function.rawValue))
        append(.length, 0)
    }

    /// Address and quantity of a request, address and value of a single write; nothing where a function has neither.
    mutating func append(fieldsOf pdu: PDU) {
        guard let request = try? Request(pdu) else { return }
        switch request {
        case .readBits(_, let range), .readRegisters(_, let range), .writeCoils(let range, _),
            .writeRegisters(let range, _), .readWrite(let range, _, _):
            append(.address, Int(range.address))
            append(.quantity, Int(range.quantity))
        case .writeSingle(_, let address, let value):
            append(.address, Int(address))
            append(.value, Int(value))
        case .maskWrite(let address, _, _): append(.address, Int(address))
        case .opaque: break
        }
    }

    private mutating func append(_ field: WireLogField, milliseconds duration: Duration) {
        // The longest duration cannot be rounded up.
        append(field, thousandths: Int(min(duration.nanoseconds, .max - 500) + 500) / 1000)
    }
}

extension Exchange {
    /// The bytes of the RSP line: the reply, or the exception that the broker has made of a failure.
    fileprivate func frame(_ outcome: WireLogOutcome, _ delivery: BrokerEvent.Delivery) -> RTUFrame? {
        switch result {
        case .success(let frame): return frame
        case .failure(let error):
            guard delivery == .delivered, source == .broker, outcome != .timeout else { return nil }
            return error.exceptionCode.map {
                RTUFrame(unit: query.clientUnit, pdu: PDU(exception: $0, to: query.pdu.function))
            }
        }
    }
}
