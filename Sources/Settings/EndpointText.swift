/// A serial endpoint as written: a device path, or `serial://PATH[?baud=N&format=F&rs485=high|low]`.
///
/// The path begins with `/`, `./` or `../`, and is taken literally, without percent-decoding.
struct EndpointText {
    /// Schemes of no serial device.
    private static let otherSchemes: Set<String> = ["rtuovertcp", "tcp", "pty"]

    let path: String
    /// Nil: not written.
    private(set) var baud: Int?
    /// Nil: not written.
    private(set) var format: LineFormat?
    /// Nil: not written.
    private(set) var direction: Endpoint.SendingLevel?

    /// Whether it is an endpoint of another kind, which a gateway's line cannot be in this version.
    static func isOfLaterVersion(_ text: String) -> Bool {
        scheme(of: text).map { otherSchemes.contains($0) } ?? false
    }

    /// - Throws: ``EndpointError``.
    init(_ text: String) throws(EndpointError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            path = text
            guard isPath else { throw EndpointError(value: text, allowed: Endpoint.allowed) }
            return
        }
        let halves = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves[0])
        guard parts[0].lowercased() == "serial", isPath else {
            throw EndpointError(value: text, allowed: Endpoint.allowed)
        }
        guard halves.count == 2 else { return }
        for parameter in halves[1].split(separator: "&", omittingEmptySubsequences: false) {
            if let allowed = read(parameter) { throw EndpointError(value: text, allowed: allowed) }
        }
    }

    /// In small letters; nil: there is none.
    static func scheme(of text: String) -> String? {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 ? parts[0].lowercased() : nil
    }

    private var isPath: Bool {
        ["/", "./", "../"].contains { path.hasPrefix($0) } && !path.hasSuffix("/")
    }

    /// Takes one `name=value`; returns what is allowed instead, nil: it was right.
    private mutating func read(_ parameter: Substring) -> String? {
        let sides = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = sides.count == 2 ? String(sides[1]) : ""
        switch sides[0] {
        case "baud":
            baud = Int(digits: value).flatMap { Endpoint.allowedBaud.contains($0) ? $0 : nil }
            return baud == nil ? "baud=\(Endpoint.allowedBaud.text)" : nil
        case "format":
            format = LineFormat(value)
            return format == nil ? "format=\(LineFormat.allowed)" : nil
        case "rs485":
            direction = Endpoint.SendingLevel(rawValue: value)
            return direction == nil ? "rs485=high or rs485=low, the level of RTS while sending" : nil
        default:
            return "only the parameters baud=N and format=F, and rs485=high|low, after the ?"
        }
    }
}

/// Why a text is no endpoint.
package struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    package let value: String
    /// What is expected instead.
    package let allowed: String

    package var description: String { "endpoint \(value.debugDescription): expected \(allowed)" }
}

extension Endpoint {
    /// The port of Modbus TCP.
    private static let modbusPort = 502

    /// Reads an endpoint of any kind.
    ///
    /// - Parameters:
    ///   - baud: of a serial device whose URL says nothing.
    ///   - format: the same.
    /// - Throws: ``EndpointError``.
    package init(_ text: String, baud: Int? = nil, format: LineFormat? = nil) throws(EndpointError) {
        let place = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init)
        switch EndpointText.scheme(of: text) {
        case "tcp":
            let address = place.flatMap { HostPort($0) ?? HostPort("\($0):\(Self.modbusPort)") }
            self = .modbusTCP(try Self.server(address, text))
        case "rtuovertcp": self = .rtuOverTCP(try Self.server(place.flatMap { HostPort($0) }, text))
        default:
            do throws(EndpointError) {
                let written = try EndpointText(text)
                self = .serial(
                    path: written.path, baud: written.baud ?? baud ?? Self.defaultBaud,
                    format: written.format ?? format ?? Self.defaultFormat, direction: written.direction)
            } catch {
                let isOther = error.allowed == Self.allowed
                throw isOther ? EndpointError(value: text, allowed: "\(Self.allowed), \(Self.allowedOnNetwork)") : error
            }
        }
    }

    private static func server(_ address: HostPort?, _ text: String) throws(EndpointError) -> HostPort {
        // `:5020` and `*:5020` are every address of this machine: there is nothing to connect to.
        guard let address, address.port > 0, address.host != "0.0.0.0" else {
            throw EndpointError(value: text, allowed: "\(allowedOnNetwork), with IPv6 in brackets")
        }
        return address
    }
}
