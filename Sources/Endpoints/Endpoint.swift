/// What the broker or a tool is connected to at one end.
///
/// ``Place`` tells what can be where.
package enum Endpoint: Hashable, Sendable {
    /// A serial device; `baud` is 50 to 4,000,000 bits per second. `direction`: the level of RTS while the driver sends, for
    /// RS-485 transceivers that it switches; nil: they switch by themselves.
    case serial(path: String, baud: Int, format: LineFormat, direction: SendingLevel? = nil)
    /// A serial server: the bytes of a line on a TCP connection; the port is 1 to 65535.
    case rtuOverTCP(HostPort)
    /// A Modbus TCP server; the port is 1 to 65535.
    case modbusTCP(HostPort)
    /// A server that takes Modbus TCP frames in datagrams (`udp://`); the port is 1 to 65535.
    case modbusUDP(HostPort)
    /// A serial server by datagrams (`rtuoverudp://`); the port is 1 to 65535.
    case rtuOverUDP(HostPort)
    /// A serial server that connects to this address by itself (`listen+rtuovertcp://`), for a dongle only.
    case listeningRTUOverTCP(HostPort)
    /// A Modbus TCP server that connects to this address by itself (`listen+tcp://`), for a line only.
    case listeningTCP(HostPort)

    /// The level of RTS while sending.
    package enum SendingLevel: String, CaseIterable, Hashable, Sendable {
        case high, low
    }

    /// Growatt's RS-485.
    package static let defaultBaud = 9600
    /// 8N1.
    package static let defaultFormat = LineFormat.eightNoneOne

    /// Bits per second.
    package static let allowedBaud = 50...4_000_000
    static let allowed = "a device path such as /dev/ttyUSB0, or serial:///dev/ttyUSB0?baud=9600&format=8N1"

    /// Whether whole Modbus TCP frames go there: who answers looks after a line, or is none.
    package var hasTransactions: Bool {
        switch self {
        case .modbusTCP, .modbusUDP, .listeningTCP: true
        case .serial, .rtuOverTCP, .rtuOverUDP, .listeningRTUOverTCP: false
        }
    }

    /// Of a server, or to listen at; nil: it is a serial device.
    package var address: HostPort? {
        switch self {
        case .serial: nil
        case .rtuOverTCP(let address), .modbusTCP(let address), .modbusUDP(let address), .rtuOverUDP(let address),
            .listeningRTUOverTCP(let address), .listeningTCP(let address):
            address
        }
    }

    /// To listen at, where a server connects to; the port is 0 to 65535. nil: no server does.
    package var listeningAddress: HostPort? {
        switch self {
        case .listeningRTUOverTCP(let address), .listeningTCP(let address): address
        case .serial, .rtuOverTCP, .modbusTCP, .modbusUDP, .rtuOverUDP: nil
        }
    }

    /// What nobody else can use; nil: an address to listen at, which the listeners are compared with.
    package var place: String? {
        switch self {
        case .serial(let path, _, _, _): path
        case .rtuOverTCP(let address), .modbusTCP(let address): "tcp \(address)".lowercased()
        case .modbusUDP(let address), .rtuOverUDP(let address): "udp \(address)".lowercased()
        case .listeningRTUOverTCP, .listeningTCP: nil
        }
    }

    /// The device, as written; of a server its URL.
    package var path: String {
        switch self {
        case .serial(let path, _, _, _): path
        case .rtuOverTCP(let address): "rtuovertcp://\(address)"
        case .modbusTCP(let address): "tcp://\(address)"
        case .modbusUDP(let address): "udp://\(address)"
        case .rtuOverUDP(let address): "rtuoverudp://\(address)"
        case .listeningRTUOverTCP(let address): "listen+rtuovertcp://\(address)"
        case .listeningTCP(let address): "listen+tcp://\(address)"
        }
    }
}

extension Endpoint: CustomStringConvertible {
    /// Such as `/dev/ttyUSB0 9600 8N1`.
    package var description: String {
        switch self {
        case .serial(_, let baud, let format, let direction):
            "\(path) \(baud) \(format)" + (direction.map { " rts \($0.rawValue) while sending" } ?? "")
        default: path
        }
    }
}
