internal import Broker
internal import Modbus

/// What the broker has to refuse (R10): a second opinion beside its policies.
extension World {
    func refusal(of query: Query) -> ExceptionCode? { refusal(of: query.frame, at: entrance(of: query.client)) }

    /// - Parameter request: as the client knows the unit.
    /// - Returns: what the client has to be told; nil: it may ask this.
    func refusal(of request: RTUFrame, at entrance: Entrance) -> ExceptionCode? {
        let isRead = request.pdu.function.isRead
        let way = routing.destination(of: request.unit, isRead: isRead, from: entrance)
        guard isRead else {
            if entrance.isReadOnly { return .illegalFunction }
            if request.unit.isBroadcast { return entrance.allowsBroadcast ? nil : .illegalFunction }
            return way?.unit.isBroadcast == true && !settings.allowsBroadcast ? .illegalFunction : nil
        }
        guard let read = ReadOpinion(request.pdu) else { return nil }
        if read.isRefused(by: entrance.reads, unit: request.unit) { return .illegalDataAddress }
        guard let way, !entrance.isDongle else { return nil }
        return read.isRefused(by: lines[way.line].settings.reads, unit: way.unit) ? .illegalDataAddress : nil
    }

    /// What has to be refused never reaches a line, and is refused with the right exception; nothing else is refused.
    func checkRefusal(_ exchange: Exchange) {
        let query = exchange.query
        guard let code = refusal(of: query) else {
            if case .failure(.refused(let code)) = exchange.result {
                verdict.check("R10", false, "refused with \(code), though it may be asked: \(query.summary)")
            }
            return
        }
        let kind = query.isRead ? "read" : "write"
        verdict.check("R10", exchange.isUnsent, "a refused \(kind) was sent: \(query.summary)")
        let isRefused =
            switch exchange.result {
            case .failure(.refused(code)), .failure(.malformed), .failure(.withdrawn): true
            // Of the address, or of a serial client with too many requests: before anybody looked at it.
            case .failure(.overloaded): settings.rate != nil || settings.changesRate || query.client.kind != .tcp
            default: false
            }
        verdict.check(
            "R10", isRefused, "a \(kind) that has to be refused ended otherwise: \(query.summary), \(exchange.outcome)")
    }
}
