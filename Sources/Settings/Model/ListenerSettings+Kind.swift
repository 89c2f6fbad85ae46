package import Endpoints

extension ListenerSettings {
    package enum Kind: Hashable, Sendable {
        /// Modbus TCP.
        case tcp(HostPort)
        /// RTU frames in a TCP connection.
        case rtuTCP(HostPort)
        /// Modbus TCP frames in datagrams.
        case udp(HostPort)
        /// RTU frames in datagrams.
        case rtuUDP(HostPort)
        /// Modbus Security: Modbus TCP in TLS, mutually authenticated.
        case tls(HostPort)
        /// A pseudo-terminal of this name.
        case pty(String)
        /// What the wire log has, to everyone who connects.
        case sniff(HostPort)
        /// Not known yet.
        case none
    }

    static let kinds: [SettingField<ListenerSettings>] = [
        address("tcp", "Modbus TCP at this address") { .tcp($0) },
        address("rtu-tcp", "RTU frames in TCP connections at this address") { .rtuTCP($0) },
        address("udp", "Modbus TCP frames in datagrams at this address") { .udp($0) },
        address("rtu-udp", "RTU frames in datagrams at this address") { .rtuUDP($0) },
        address("tls", "Modbus Security (TLS) at this address; without a port: 802", as: .tlsAddress) { .tls($0) },
        kind("pty", .text("a path"), "A pseudo-terminal of this name", { .pty($0) }) { $0.path },
        address("sniff", "Sends the records of the wire log to everyone who connects") { .sniff($0) },
    ]

    private static func kind<Value>(
        _ key: String, _ kind: ValueKind<Value>, _ summary: String, _ make: @escaping @Sendable (Value) -> Kind,
        _ value: @escaping @Sendable (Kind) -> Value?
    ) -> SettingField<ListenerSettings> {
        SettingField(
            key: key, summary: summary, schema: kind.schema,
            read: { (listener, reader) throws(YAMLError) in
                guard listener.kind == .none else { throw reader.error("one listener for each element of the list") }
                listener.kind = make(try reader.value(kind))
            },
            written: { value($0.kind).map { YAMLNode(default: kind.text($0)) } })
    }

    private static func address(
        _ key: String, _ summary: String, as kind: ValueKind<HostPort> = .address,
        _ make: @escaping @Sendable (HostPort) -> Kind
    ) -> SettingField<ListenerSettings> {
        self.kind(key, kind, summary, make) { $0.word == key ? $0.address : nil }
    }
}

extension ListenerSettings.Kind {
    /// The key in a configuration, and the word in `status`; empty: not known yet.
    package var word: String {
        switch self {
        case .tcp: "tcp"
        case .rtuTCP: "rtu-tcp"
        case .udp: "udp"
        case .rtuUDP: "rtu-udp"
        case .tls: "tls"
        case .pty: "pty"
        case .sniff: "sniff"
        case .none: ""
        }
    }

    /// Where it listens on the network; nil: it does not.
    package var address: HostPort? {
        switch self {
        case .tcp(let address), .rtuTCP(let address), .udp(let address), .rtuUDP(let address), .tls(let address),
            .sniff(let address):
            address
        case .pty, .none: nil
        }
    }

    /// The name of a pseudo-terminal; nil: it is none.
    package var path: String? {
        if case .pty(let path) = self { path } else { nil }
    }

    /// Whether requests come in here.
    package var takesRequests: Bool {
        switch self {
        case .sniff, .none: false
        default: true
        }
    }

    /// Whether its clients speak RTU, which has no transaction identifiers.
    package var isOfRTU: Bool {
        switch self {
        case .rtuTCP, .rtuUDP, .pty: true
        case .tcp, .udp, .tls, .sniff, .none: false
        }
    }

    /// Whether it can be said by address who may write here.
    package var takesWriters: Bool {
        switch self {
        case .tcp, .rtuTCP, .udp, .rtuUDP: true
        case .tls, .pty, .sniff, .none: false
        }
    }

    /// Whether datagrams come in here, whose ports are others than those of connections.
    package var isOfDatagrams: Bool {
        switch self {
        case .udp, .rtuUDP: true
        default: false
        }
    }
}
