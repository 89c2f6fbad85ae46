internal import Broker
internal import Modbus

extension JSONRecords {
    /// The fields between `role` and `t`.
    mutating func append(_ event: BrokerEvent) {
        switch event {
        case .request(let query): append(query)
        case .finished(let exchange, let delivery): append(exchange, delivery)
        case .transmitted(let frame, let reason, let client): append(frame, sentAgain: reason, for: client)
        case .attemptFailed(let query, let attempt, let timeout, let isDamaged):
            append(failureOf: query, attempt, after: timeout, isDamaged)
        case .discarded(let bytes, let source, let reason): append(discarded: bytes, source, reason)
        case .line(let event): append(event)
        case .passthrough(let event): append(event)
        case .donglePort(let event): append(event)
        // Not written (``BrokerEvent/isWritten``).
        case .refused, .client, .admission: break
        }
    }

    private mutating func append(_ event: BrokerEvent.DonglePortEvent) {
        append(.event, event.isOpen ? WireLogEvent.shineOnline : .shineOffline)
        append(.port, event.port)
        if let baud = event.baud { append(.baud, baud) }
        if let format = event.format { append(.format, format) }
    }

    private mutating func append(_ query: Query) {
        append(.fromClient, query.client.name)
        append(RTUFrame(unit: query.clientUnit, pdu: query.pdu))
        append(fieldsOf: query.pdu)
    }

    private mutating func append(
        _ frame: RTUFrame, sentAgain reason: BrokerEvent.TransmissionReason, for client: Client
    ) {
        let event: WireLogEvent =
            switch reason {
            case .retry: .retry
            case .echoProbe: .echoProbe
            case .probe: .probe
            case .part: .part
            }
        append(.event, event)
        append(.fromClient, client.name)
        append(frame)
    }

    private mutating func append(
        failureOf query: Query, _ attempt: Int, after timeout: Duration, _ isDamaged: Bool
    ) {
        let event: WireLogEvent = isDamaged ? .damagedReply : .downstreamTimeout
        append(.event, event)
        append(.to, WireLogName.line)
        append(.fromClient, query.client.name)
        if !isDamaged { append(.timeout, thousandths: Int(timeout.nanoseconds / 1_000_000)) }
        append(.unit, Int(query.lineUnit.rawValue))
        append(.function, Int(query.pdu.function.rawValue))
        append(.attempt, attempt)
    }

    private mutating func append(
        discarded bytes: [UInt8], _ source: BrokerEvent.Source, _ reason: BrokerEvent.DiscardReason
    ) {
        if reason == .foreign { append(.event, WireLogEvent.foreignFrame) }
        append(source)
        if reason != .foreign { append(.reason, reason.rawValue) }
        append(.hex, hex: bytes)
    }

    private mutating func append(_ source: BrokerEvent.Source) {
        switch source {
        case .line: append(.from, WireLogName.line)
        case .client(let client): append(.fromClient, client.name)
        }
    }

    private mutating func append(_ event: BrokerEvent.PassthroughEvent) {
        switch event {
        case .began(let client, let duration):
            append(.event, WireLogEvent.passthroughStarted)
            append(.fromClient, client.name)
            append(.minutes, Int(duration.nanoseconds / 60_000_000_000))
        case .bytes(let bytes, let source):
            append(source)
            append(.hex, hex: bytes)
        case .endPutOff: append(.event, WireLogEvent.passthroughPutOff)
        case .ended(let reason, let figures):
            append(.event, WireLogEvent.passthroughEnded)
            append(.reason, reason.rawValue)
            append(.clientBytes, figures.fromClient)
            append(.lineBytes, figures.fromLine)
            append(.lostBytes, figures.lost)
        }
    }

    private mutating func append(_ event: BrokerEvent.LineEvent) {
        switch event {
        case .opened: append(.event, WireLogEvent.inverterOnline)
        case .closed(let reason):
            append(.event, WireLogEvent.inverterOffline)
            append(.reason, reason)
        case .unitSilent(let unit):
            append(.event, WireLogEvent.unitSilent)
            append(.unit, Int(unit.rawValue))
        case .unitLive(let unit):
            append(.event, WireLogEvent.unitLive)
            append(.unit, Int(unit.rawValue))
        case .echoDetected: append(.event, WireLogEvent.echoDetected)
        }
    }
}
