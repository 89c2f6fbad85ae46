internal import Endpoints
internal import Text

/// The files of a Modbus Security listener, all PEM.
package struct TLSSettings: Hashable, Sendable {
    /// The server's certificate, behind it those of the authorities between it and a root.
    package var certificate = ""
    /// The server's private key.
    package var key = ""
    /// The authorities whose clients may come in.
    package var clientCA = ""

    package init() {}
}

extension ValueKind<String> {
    static let file = text("the path of a PEM file")
}

extension ValueKind<HostPort> {
    /// Modbus Security's.
    private static let port = 802

    /// The port need not be written.
    static let tlsAddress = Self(
        allowed: "HOST or HOST:PORT with a port from 0 to 65535, such as 192.168.1.5, [::1]:802 or *",
        schema: .text(),
        read: { text in
            // A number alone is meant as a port, and would be taken for a host.
            if let address = HostPort(text) { return address }
            return text.isEmpty || text.hasPrefix("-") || Int(digits: text) != nil ? nil : HostPort("\(text):\(port)")
        }, text: { $0.description })
}
