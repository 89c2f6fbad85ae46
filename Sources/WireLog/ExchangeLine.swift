package import Broker
internal import Modbus
internal import Text

/// One readable line for each exchange: client, what it asked, what came of it, time on the bus, time in the queue.
package struct ExchangeLine: Sendable {
    private let isOfTap: Bool

    /// - Parameter isOfTap: who listens to a line does not know the client and its queue, and has room for values.
    package init(isOfTap: Bool = false) {
        self.isOfTap = isOfTap
    }

    /// - Returns: nil for events that are no end of an exchange, and no change of the line.
    package func text(of event: BrokerEvent) -> String? {
        switch event {
        case .finished(let exchange, let delivery): text(of: exchange, delivery)
        case .line(.unitSilent(let unit)): "unit \(unit) is silent: its reads are answered 0x0B until it is back"
        case .line(.unitLive(let unit)): "unit \(unit) is back"
        default: nil
        }
    }

    /// The unit and the request, such as `unit 1, read input 3000+2`.
    package func asked(_ query: Query) -> String { "unit \(query.clientUnit), \(what(query))" }

    private func text(of exchange: Exchange, _ delivery: BrokerEvent.Delivery) -> String {
        let query = exchange.query
        let asked = ["unit \(query.clientUnit)".padded(to: 8), what(query).padded(to: 24)]
        let busTime = exchange.busTime.map(\.milliseconds) ?? "–"
        if isOfTap {
            return (asked + [busTime.padded(to: 7), outcome(exchange, delivery) + values(exchange)])
                .joined(separator: " ")
        }
        let columns =
            [query.client.name.padded(to: 22)] + asked + [
                outcome(exchange, delivery).padded(to: 36), "bus \(busTime)".padded(to: 14),
                "waited \(exchange.waitingTime.milliseconds)",
            ]
        return columns.joined(separator: " ")
    }

    /// The first registers of a reply.
    private func values(_ exchange: Exchange) -> String {
        guard case .success(let frame) = exchange.result,
            case .readRegisters = exchange.query.pdu.function.shape,
            let registers = frame.pdu.registers, !frame.pdu.function.isException
        else { return "" }
        let shown = registers.prefix(Self.shownRegisters).map { "\($0)" }.joined(separator: " ")
        return ": \(shown)" + (registers.count > Self.shownRegisters ? " …" : "")
    }

    private static let shownRegisters = 8

    private func what(_ query: Query) -> String {
        guard let request = try? Request(query.pdu) else { return "function \(query.pdu.function)" }
        return switch request {
        case .readRegisters(let function, let range), .readBits(let function, let range):
            "read \(function.tableName) \(range.address)+\(range.quantity)"
        case .writeSingle(_, let address, let value): "write \(address) = \(value)"
        case .writeRegisters(let range, _), .writeCoils(let range, _): "write \(range.address)+\(range.quantity)"
        case .maskWrite(let address, _, _): "mask \(address)"
        case .readWrite(let read, let write, _): "write \(write.address), read \(read.address)+\(read.quantity)"
        case .opaque(let pdu): "function \(pdu.function)"
        }
    }

    private func outcome(_ exchange: Exchange, _ delivery: BrokerEvent.Delivery) -> String {
        let answer =
            switch exchange.result {
            case .success(let frame):
                frame.pdu.exceptionCode.map { "exception: \($0)" } ?? "ok, \(frame.pdu.bytes.count.counted("byte"))"
            case .failure(.withdrawn): "not asked"
            case .failure(let error): error.text
            }
        let retried = exchange.attempts > 1 ? ", attempt \(exchange.attempts)" : ""
        return switch delivery {
        case .delivered: answer + retried
        case .superseded: answer + retried + ", superseded"
        case .suppressed: answer + retried + ", no answer given"
        }
    }
}

extension BrokerError {
    fileprivate var text: String {
        switch self {
        case .noReply: "no reply"
        case .silentUnit: "unit is silent"
        case .restingRange: "unit says nothing to this range"
        case .expiredOnLine: "no reply in time"
        case .unavailable: "line is not there"
        case .overloaded: "busy"
        case .expired: "busy, not sent"
        case .refused(let code): "refused: \(code)"
        case .malformed(let error): "malformed: \(error)"
        case .lent: "line lent"
        case .stopping: "stopping"
        case .withdrawn: "withdrawn"
        }
    }
}

extension FunctionCode {
    fileprivate var tableName: String {
        switch self {
        case .readHoldingRegisters: "holding"
        case .readInputRegisters: "input"
        case .readCoils: "coils"
        case .readDiscreteInputs: "discrete inputs"
        case .readMeter: "meter"
        default: "function \(self)"
        }
    }
}

extension Duration {
    fileprivate var milliseconds: String { "\(nanoseconds / 1_000_000) ms" }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }
}
