package import Broker
package import Endpoints
package import SerialLine

/// A serial device and how to open it, or a server in place of it.
package enum Port: Hashable, Sendable {
    case serial(path: String, SerialPortSettings)
    case server(Endpoint)
}

extension Port {
    /// - Parameter lowLatency: whether a serial adapter is asked to deliver bytes at once.
    /// - Throws: `SerialLineError` for a baud rate or a format that no port has.
    package init(_ endpoint: Endpoint, lowLatency: Bool = true) throws {
        guard case .serial(let path, let baud, let format, let direction) = endpoint else {
            self = .server(endpoint)
            return
        }
        var settings = SerialPortSettings(
            baud: try BaudRate(baud), format: try CharacterFormat(format.description))
        settings.lowLatency = lowLatency
        settings.rs485 = direction.map { RS485Direction(rtsOnSend: $0 == .high) }
        self = .serial(path: path, settings)
    }

    /// - Parameter silence: between frames; of no meaning where frames come whole.
    package func timing(_ silence: Silence) -> LineTiming {
        let duration: Duration? = if case .fixed(let duration) = silence { duration } else { nil }
        return switch self {
        case .serial(_, let settings):
            LineTiming(
                baud: settings.baud.bitsPerSecond, bitsPerCharacter: settings.format.bitsPerCharacter,
                silence: duration)
        case .server where hasTransactions: .modbusTCP
        case .server: .rtuOverTCP.keeping(silence: duration)
        }
    }

    /// The address for a server that dials in; nil: none.
    package var listeningAddress: HostPort? {
        if case .server(let endpoint) = self { endpoint.listeningAddress } else { nil }
    }

    /// Whether replies tell by themselves what they belong to.
    package var hasTransactions: Bool {
        if case .server(let endpoint) = self { endpoint.hasTransactions } else { false }
    }
}

extension Port: CustomStringConvertible {
    /// Such as `/dev/ttyUSB0 9600 8N1`, or `tcp://192.168.1.20:502`.
    package var description: String {
        switch self {
        case .serial(let path, let settings): "\(path) \(settings.baud) \(settings.format)"
        case .server(let endpoint): "\(endpoint)"
        }
    }

    /// What nobody else can have open at the same time: a server is one and the same, whatever is spoken with it, and so is
    /// a port to listen at, at whichever address.
    package var place: String {
        if let listeningAddress, listeningAddress.port > 0 { return "listening at \(listeningAddress.port)" }
        return switch self {
        case .serial(let path, _): path
        case .server(let endpoint): endpoint.place ?? endpoint.path
        }
    }

    /// Without speed and format.
    package var name: String {
        switch self {
        case .serial(let path, _): path
        case .server(let endpoint): endpoint.path
        }
    }
}
