/// Who asks the broker: a Modbus TCP connection, the dongle on its serial port, a program on a pseudo-terminal.
///
/// One object for each connection, compared by identity.
package final class Client: Sendable {
    /// What R13 knows about clients; their writes stand before all of them.
    package enum Kind: Int, Hashable, Sendable {
        case serial, tcp, background
    }

    package let kind: Kind
    /// As in the wire log: `SHINE`, `TCP:host:port`, `PTY:path`, `RTU:host:port`, `TLS:name`.
    package let name: String
    /// Takes turns as one with all clients of this address: the host, or the port's name.
    package let address: String

    package init(kind: Kind, name: String, address: String) {
        self.kind = kind
        self.name = name
        self.address = address
    }
}
