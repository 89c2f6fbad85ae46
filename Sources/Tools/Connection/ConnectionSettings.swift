package import Endpoints
package import Modbus
internal import Settings
internal import Text

/// Which unit a tool asks, and how.
package struct ConnectionSettings: Hashable, Sendable {
    package var endpoint: Endpoint
    /// Default 1.
    package var unit: UnitIdentifier = 1
    /// From the last byte on the line to the next request. On a line 0.5 s, as the gateway's; through a Modbus TCP server
    /// 0: who owns the line looks after that.
    package var minPeriod: Duration
    /// The response timeout: 0.9 s on a line; 5 s through a Modbus TCP server, which may have other clients. A broker answers
    /// 0.3 s earlier.
    package var responseTimeout: Duration
    /// How often a read without answer is repeated; default 1. Writes never are.
    package var retries = 1

    /// How long after a request without answer a late one may still come (R4), at the endpoint or at the line of a broker
    /// there.
    var lateWindow: Duration {
        endpoint.hasTransactions ? .seconds(1) : max(responseTimeout, .milliseconds(500)) + .milliseconds(50)
    }

    package init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
        let isLine = !endpoint.hasTransactions
        minPeriod = isLine ? .milliseconds(500) : .zero
        responseTimeout = isLine ? .milliseconds(900) : .seconds(5)
    }

    /// Reads the texts of the command line; nil: not given.
    ///
    /// - Throws: ``ToolError/usage(_:)``, naming the flag, the value and what is allowed.
    package init(
        endpoint: String, unit: String? = nil, baud: String? = nil, bytes: String? = nil, minPeriod: String? = nil,
        responseTimeout: String? = nil, retries: String? = nil
    ) throws(ToolError) {
        let baud = try Self.number("--baud", baud, in: 50...4_000_000)
        let format = try Self.value("--bytes", bytes, allowed: "[78][NEO][12], such as 8N1 or 8E1") { LineFormat($0) }
        do throws(EndpointError) {
            self.init(try Endpoint(endpoint, baud: baud, format: format))
        } catch {
            throw .usage(error.description)
        }
        self.unit =
            try Self.value("--unit", unit, allowed: "0 to 255") { UInt8($0).map { UnitIdentifier(rawValue: $0) } }
            ?? self.unit
        self.minPeriod = try Self.duration("--min-period", minPeriod, in: .zero ... .seconds(60)) ?? self.minPeriod
        self.responseTimeout =
            try Self.duration("--rtimeout", responseTimeout, in: .milliseconds(10) ... .seconds(60))
            ?? self.responseTimeout
        self.retries = try Self.number("--retries", retries, in: 0...10) ?? self.retries
    }

    /// - Throws: ``ToolError/usage(_:)``.
    package static func number(_ flag: String, _ text: String?, in range: ClosedRange<Int>) throws(ToolError) -> Int? {
        try value(flag, text, allowed: "\(range.lowerBound) to \(range.upperBound)") { text in
            Int(digits: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// - Throws: ``ToolError/usage(_:)``.
    package static func duration(
        _ flag: String, _ text: String?, in range: ClosedRange<Duration>
    ) throws(ToolError) -> Duration? {
        let words = "\(range.lowerBound.secondsText) to \(range.upperBound.secondsText) s"
        return try value(flag, text, allowed: "\(words), in seconds (0.5) or with a unit (500ms, 2s, 1m)") { text in
            Duration(text: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// - Throws: ``ToolError/usage(_:)``.
    package static func value<Value>(
        _ flag: String, _ text: String?, allowed: String, _ read: (String) -> Value?
    ) throws(ToolError) -> Value? {
        guard let text else { return nil }
        guard let value = read(text) else { throw .usage("\(flag) \(text.debugDescription): expected \(allowed)") }
        return value
    }
}
