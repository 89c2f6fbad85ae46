internal import Glibc
internal import Modbus
package import Recording
package import Settings

/// Asks a Modbus TCP server what was asked in a recording, at the instants of it. Blocks.
package struct ReplayQuestions {
    /// For each answer.
    private static let timeout: Duration = .seconds(3)
    /// How soon the end of a pause is noticed that somebody wants to end.
    private static let longestSleep: Duration = .milliseconds(100)

    package private(set) var comparison = ReplayComparison()
    /// Why nothing is asked any more.
    package private(set) var failure: GatewayError?
    private let caller: ModbusTCPCaller
    /// nil: no pauses.
    private let speed: Double?
    private let sendsWrites: Bool
    private var start: (recorded: Int64, now: Duration)?

    /// Connects to the server.
    ///
    /// - Throws: ``GatewayError/cannotConnect(_:reason:)``.
    package init(_ settings: ReplaySettings, writes: Bool) throws(GatewayError) {
        caller = try ModbusTCPCaller(
            GatewayConfiguration.Address(host: settings.server.host, port: settings.server.port),
            timeout: Self.timeout)
        speed = settings.speed
        sendsWrites = writes
    }

    /// Waits for the moment of this exchange and asks its request, unless it is a write that is not to be sent.
    ///
    /// - Parameter isEnding: asked while it waits; then nothing is sent.
    package mutating func ask(_ exchange: RecordedExchange, until isEnding: () -> Bool) {
        guard failure == nil else { return }
        guard sendsWrites || RegisterTable.shapes.isRead(exchange.request.function) else { return comparison.omit() }
        guard wait(for: exchange.microseconds, until: isEnding) else { return }
        let began = ModbusTCPCaller.now
        do throws(GatewayError) {
            let answer = try caller.ask(exchange.unit, exchange.request)
            let time = Int64((ModbusTCPCaller.now - began) / .microseconds(1))
            comparison.note(exchange, answer, microseconds: time)
        } catch {
            failure = error
        }
    }

    /// - Returns: false if it was ended.
    private mutating func wait(for microseconds: Int64, until isEnding: () -> Bool) -> Bool {
        guard let speed else { return !isEnding() }
        guard let start else {
            start = (microseconds, ModbusTCPCaller.now)
            return !isEnding()
        }
        let due = start.now + .microseconds(Double(microseconds - start.recorded) / speed)
        while !isEnding() {
            let left = due - ModbusTCPCaller.now
            guard left > .zero else { return true }
            let nanoseconds = min(left, Self.longestSleep) / .nanoseconds(1)
            var pause = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
            nanosleep(&pause, nil)
        }
        return false
    }
}
