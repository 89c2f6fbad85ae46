extension Endpoint {
    /// What is before the `://` of a URL.
    enum Scheme: String {
        case tcp, udp
        case rtuOverTCP = "rtuovertcp"
        case rtuOverUDP = "rtuoverudp"
        case listeningRTUOverTCP = "listen+rtuovertcp"
        case listeningTCP = "listen+tcp"

        /// As an error says it.
        var allowed: String {
            switch self {
            case .tcp: "tcp://HOST[:PORT] (Modbus TCP)"
            case .udp: "udp://HOST[:PORT] (Modbus TCP in datagrams)"
            case .rtuOverTCP, .rtuOverUDP: "\(rawValue)://HOST:PORT"
            case .listeningRTUOverTCP, .listeningTCP: "\(rawValue)://HOST:PORT (an address to listen at)"
            }
        }
    }

    /// Where an endpoint is written, which decides what it can be.
    package enum Place: Hashable, Sendable {
        case line, dongle, tool

        fileprivate var schemes: [Scheme] {
            switch self {
            case .line: [.tcp, .rtuOverTCP, .udp, .rtuOverUDP, .listeningTCP]
            case .tool: [.tcp, .rtuOverTCP, .udp, .rtuOverUDP]
            case .dongle: [.rtuOverTCP, .listeningRTUOverTCP]
            }
        }

        /// What can be there, in words.
        package var allowed: String {
            let all = [Endpoint.allowed] + schemes.map(\.allowed)
            return all.dropLast().joined(separator: ", ") + " or " + (all.last ?? "")
        }
    }

    /// The port of Modbus TCP.
    private static let modbusPort = 502

    /// Reads an endpoint.
    ///
    /// - Parameters:
    ///   - baud: of a serial device whose URL says nothing.
    ///   - format: the same.
    /// - Throws: ``EndpointError``.
    package init(
        _ text: String, at place: Place = .tool, baud: Int? = nil, format: LineFormat? = nil
    ) throws(EndpointError) {
        if let endpoint = try Self.onNetwork(text, at: place) {
            self = endpoint
            return
        }
        let written: EndpointText
        do throws(EndpointError) {
            written = try EndpointText(text, allowed: place.allowed)
        } catch {
            throw EndpointError(value: text, allowed: error.allowed, meant: Self.meant(text, at: place))
        }
        self = .serial(
            path: written.path, baud: written.baud ?? baud ?? Self.defaultBaud,
            format: written.format ?? format ?? Self.defaultFormat, direction: written.direction)
    }

    /// An endpoint that is no device; nil: it is one, or none at all.
    private static func onNetwork(_ text: String, at place: Place) throws(EndpointError) -> Endpoint? {
        guard let word = EndpointText.scheme(of: text), let scheme = Scheme(rawValue: word) else { return nil }
        guard place.schemes.contains(scheme) else { throw EndpointError(value: text, allowed: place.allowed) }
        let rest = String(text.dropFirst(word.count + "://".count))
        let hasDefault = scheme == .tcp || scheme == .udp
        let address = HostPort(rest) ?? (hasDefault ? HostPort("\(rest):\(modbusPort)") : nil)
        guard let address, scheme.isToListen || (address.port > 0 && !address.isWildcard) else {
            throw EndpointError(value: text, allowed: allowed(instead: rest, scheme, address))
        }
        return switch scheme {
        case .tcp: .modbusTCP(address)
        case .udp: .modbusUDP(address)
        case .rtuOverTCP: .rtuOverTCP(address)
        case .rtuOverUDP: .rtuOverUDP(address)
        case .listeningRTUOverTCP: .listeningRTUOverTCP(address)
        case .listeningTCP: .listeningTCP(address)
        }
    }
}

extension Endpoint {
    /// The endpoint that a text without a scheme stands for; nil: it has one, or is nothing like an address or a device.
    private static func meant(_ text: String, at place: Place) -> String? {
        guard EndpointText.scheme(of: text) == nil else { return nil }
        if text.hasPrefix("/"), EndpointText.hasParameters(text) { return "serial://\(text)" }
        guard text.contains(where: { ":.".contains($0) }),
            let address = HostPort(text) ?? HostPort("\(text):\(modbusPort)"),
            address.port > 0, !address.isWildcard
        else { return nil }
        let server = "\(Scheme.rtuOverTCP.rawValue)://\(address)"
        guard place.schemes.contains(.tcp) else { return "\(server) (a serial server)" }
        let modbus = "\(Scheme.tcp.rawValue)://\(address) (Modbus TCP)"
        return text.hasSuffix(":\(address.port)") ? "\(server) (a serial server) or \(modbus)" : modbus
    }

    /// What is expected in place of what is behind the `://`.
    private static func allowed(instead rest: String, _ scheme: Scheme, _ address: HostPort?) -> String {
        if rest.contains("?") { return "\(scheme.allowed) without a ?: only serial:// has parameters" }
        // `:5020` and `*:5020` are every address of this machine: there is nothing to connect to.
        if address?.isWildcard == true {
            return "\(scheme.allowed) with the host of a server: every address of this machine is none"
        }
        let end = rest.lastIndex(of: ":").map { rest[rest.index(after: $0)...] } ?? ""
        let isPort = !end.isEmpty && end.allSatisfy { "0123456789".contains($0) } && !rest.hasPrefix("::")
        if isPort { return "\(scheme.allowed) with a port from \(scheme.ports), and IPv6 in brackets" }
        return "\(scheme.allowed), with IPv6 in brackets"
    }
}

extension Endpoint.Scheme {
    /// Whether the address is one of this machine, where the other side connects to.
    fileprivate var isToListen: Bool { self == .listeningRTUOverTCP || self == .listeningTCP }

    /// 0 to listen at: the system chooses one.
    fileprivate var ports: String { isToListen ? "0 to 65535" : "1 to 65535" }
}

/// Why a text is no endpoint.
package struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    package let value: String
    /// What is expected instead.
    package let allowed: String
    /// What was probably meant; nil: nobody knows.
    package let meant: String?

    init(value: String, allowed: String, meant: String? = nil) {
        self.value = value
        self.allowed = allowed
        self.meant = meant
    }

    package var description: String {
        "endpoint \(value.debugDescription): expected \(allowed)" + (meant.map { "; did you mean \($0)?" } ?? "")
    }
}
