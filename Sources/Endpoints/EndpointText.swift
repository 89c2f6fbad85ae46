internal import Text

/// A serial endpoint as written: a device path, or `serial://PATH[?baud=N&format=F&rs485=high|low]`.
///
/// The path begins with `/`, `./` or `../`, and is taken literally, without percent-decoding.
package struct EndpointText {
    package let path: String
    /// Nil: not written.
    package private(set) var baud: Int?
    /// Nil: not written.
    package private(set) var format: LineFormat?
    /// Nil: not written.
    package private(set) var direction: Endpoint.SendingLevel?

    /// - Parameter allowed: what an error says is expected.
    /// - Throws: ``EndpointError``.
    package init(_ text: String, allowed: String) throws(EndpointError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            path = text
            guard isPath, !Self.hasParameters(text) else { throw EndpointError(value: text, allowed: allowed) }
            return
        }
        let halves = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves[0])
        guard parts[0].lowercased() == "serial", isPath else {
            throw EndpointError(value: text, allowed: allowed)
        }
        guard halves.count == 2 else { return }
        for parameter in halves[1].split(separator: "&", omittingEmptySubsequences: false) {
            if let allowed = read(parameter) { throw EndpointError(value: text, allowed: allowed) }
        }
    }

    /// Whether a bare path ends with what only a URL has: no device is called so.
    static func hasParameters(_ path: String) -> Bool {
        ["baud=", "format=", "rs485="].contains { path.contains("?\($0)") }
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
            let allowed = Endpoint.allowedBaud
            return baud == nil ? "baud=\(allowed.lowerBound) to \(allowed.upperBound)" : nil
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
