/// A place where clients, or listeners to the traffic, come in.
package struct ListenerSettings: Hashable, Sendable {
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

    package var kind: Kind
    /// The only line that is reached here, with its units' own numbers; nil: every line, by the numbers of `units`.
    package var line: String?
    /// Whether writes are refused here; `clients.read-only` refuses them everywhere. Default false.
    package var isReadOnly = false
    /// Which addresses may come in here, besides the rules of `clients`; default empty: all.
    package var allow: [NetworkBlock] = []
    /// Which may not; beats ``allow``.
    package var deny: [NetworkBlock] = []
    /// Of a pseudo-terminal.
    package var node = NodeSettings()
    /// Of ``Kind/tls(_:)``.
    package var tls = TLSSettings()

    package init(kind: Kind) {
        self.kind = kind
    }

    static let fields: [SettingField<ListenerSettings>] = [
        kind("tcp", .address, "Modbus TCP at this address", { .tcp($0) }) {
            if case .tcp(let address) = $0 { address } else { nil }
        },
        kind("sniff", .address, "The wire log's lines to everyone who connects", { .sniff($0) }) {
            if case .sniff(let address) = $0 { address } else { nil }
        },
        kind("pty", .text("a path"), "A pseudo-terminal of this name", { .pty($0) }) {
            if case .pty(let path) = $0 { path } else { nil }
        },
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

    @Sendable static func check(_ listener: ListenerSettings, _ reader: YAMLReader) throws(YAMLError) {
        guard listener.kind == .none else { return }
        throw reader.error("expected one of \(fields.map(\.key).joined(separator: ", "))")
    }
}
