internal import Endpoints
internal import Modbus
package import Settings
package import WireLog

/// Asks a Modbus TCP server what was asked in a recording, at the instants of it. Blocks.
package struct ReplayQuestions {
    package private(set) var comparison = ReplayComparison()
    /// Why nothing is asked any more.
    package private(set) var failure: ToolError?
    private let connection: UnitConnection
    /// nil: no pauses.
    private let speed: Double?
    private let sendsWrites: Bool
    private var start: (recorded: Int64, now: ContinuousClock.Instant)?

    /// Connects to the server.
    ///
    /// - Throws: ``ToolError/cannotOpen(endpoint:reason:)``.
    package init(_ settings: ReplaySettings, writes: Bool, _ interruption: Interruption) throws {
        var server = ConnectionSettings(.modbusTCP(settings.server))
        // Each request counts once, as it did in the recording.
        server.retries = 0
        connection = try UnitConnection(server, interruption)
        speed = settings.speed
        sendsWrites = writes
    }

    /// Waits for the moment of this exchange and asks its request, unless it is a write that is not to be sent.
    package mutating func ask(_ exchange: RecordedExchange) {
        guard failure == nil else { return }
        guard sendsWrites || exchange.request.function.isRead else { return comparison.omit() }
        do throws(ToolError) {
            try connection.pause(until: instant(of: exchange.microseconds))
            let began = ContinuousClock.now
            let answer = try connection.ask(exchange.request, unit: exchange.unit)
            if case .nothing = answer, let reason = connection.lossReason {
                throw .failed("the connection was lost: \(reason)")
            }
            let time = Int64((ContinuousClock.now - began) / .microseconds(1))
            comparison.note(exchange, answer.pdu(to: exchange.request), microseconds: time)
        } catch {
            failure = error
        }
    }

    private mutating func instant(of microseconds: Int64) -> ContinuousClock.Instant {
        guard let speed else { return .now }
        let start = start ?? (microseconds, .now)
        self.start = start
        return start.now + .microseconds(Double(microseconds - start.recorded) / speed)
    }

    package func close() { connection.close() }
}

extension Answer {
    /// As it is on a line; nil: there is none.
    fileprivate func pdu(to request: PDU) -> PDU? {
        switch self {
        case .reply(let pdu): pdu
        case .exception(let code): PDU(exception: code, to: request.function)
        case .nothing: nil
        }
    }
}
