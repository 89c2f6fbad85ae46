/// Who asks the broker: a Modbus TCP connection, the dongle on its serial port, a program on a pseudo-terminal.
///
/// One object for each connection, compared by identity.
package final class Client: Sendable {
    /// What a client speaks, or who it is. The raw values are those of `status`.
    package enum Kind: String, Hashable, Sendable {
        /// The vendor's dongle, on its own serial port or behind a serial server.
        case dongle
        /// A program on a pseudo-terminal.
        case pty
        /// RTU frames over TCP or UDP.
        case rtu
        /// Modbus TCP.
        case tcp
        /// Modbus TCP frames in datagrams.
        case udp
        /// Modbus Security.
        case tls
        /// A service of the broker's own process that asks for others, such as an HTTP server.
        case service
        /// The broker's own reads.
        case background

        /// Its place among the classes of R13, behind the writes, which are 0: the dongle, which is the least patient, 1;
        /// programs 2; background 3.
        package var readClass: Int {
            switch self {
            case .dongle: 1
            case .pty, .rtu, .tcp, .udp, .tls, .service: 2
            case .background: 3
            }
        }

        /// Whether the rules of listeners hold for it: it comes in at one, or asks for others as they do. The dongle, and
        /// the broker itself, are held to fewer rules.
        package var isOfListener: Bool {
            switch self {
            case .dongle, .background: false
            case .pty, .rtu, .tcp, .udp, .tls, .service: true
            }
        }
    }

    /// What a client's certificate lets it do. Clients without one may do what their listener lets them.
    package enum Rights: Hashable, Sendable {
        case none, reading, everything
    }

    package let kind: Kind
    /// As in the wire log: `SHINE`, `TCP:host:port`, `UDP:host:port`, `PTY:path`, `RTU:host:port`, `TLS:name`,
    /// `SERVICE:name`.
    package let name: String
    /// Takes turns as one with all clients of this address: the host, or the port's name.
    package let address: String
    package let rights: Rights

    package init(kind: Kind, name: String, address: String, rights: Rights = .everything) {
        self.kind = kind
        self.name = name
        self.address = address
        self.rights = rights
    }
}
