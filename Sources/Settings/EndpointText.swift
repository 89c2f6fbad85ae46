/// An endpoint as written: a device path, or `serial://PATH[?baud=N&format=F&rs485=high|low]`.
///
/// The path begins with `/`, `./` or `../`, and is taken literally, without percent-decoding.
struct EndpointText {
    /// Schemes of later versions.
    private static let unsupportedSchemes: Set<String> = ["rtuovertcp", "tcp", "pty"]

    let path: String
    /// Nil: not written.
    private(set) var baud: Int?
    /// Nil: not written.
    private(set) var format: LineFormat?
    /// Nil: not written.
    private(set) var direction: Endpoint.SendingLevel?

    /// - Throws: `SettingsError.invalid` or `.unsupported`, with `key`.
    init(_ text: String, of key: SettingKey) throws(SettingsError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            path = text
            guard isPath else { throw .invalid(key, value: text, allowed: Endpoint.allowed) }
            return
        }
        let scheme = parts[0].lowercased()
        guard !Self.unsupportedSchemes.contains(scheme) else {
            throw .unsupported(key, value: text, supported: Endpoint.allowed)
        }
        let halves = parts[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves[0])
        guard scheme == "serial", isPath else { throw .invalid(key, value: text, allowed: Endpoint.allowed) }
        guard halves.count == 2 else { return }
        for parameter in halves[1].split(separator: "&", omittingEmptySubsequences: false) {
            if let allowed = read(parameter) { throw .invalid(key, value: text, allowed: allowed) }
        }
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
