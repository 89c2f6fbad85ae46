package import Endpoints
internal import Text

/// What holds for the clients of all listeners.
package struct ClientsSettings: Hashable, Sendable {
    /// The most TCP clients at a time (`--max-clients`); 1 to 65535, default 1024.
    package var limit = 1024
    /// After this a TCP client repeats or gives up (`--client-timeout`, R8); more than ``answerMargin``, to 1 h, default 5.0 s.
    package var timeout: Duration = .seconds(5)
    /// Whether TCP clients may write to unit 0, which is all units (`--allow-broadcast`, R10); default false.
    package var allowBroadcast = false
    /// The most clients of one address at a time (`--max-clients-per-address`); 1 to 65535, default nil: ``limit``.
    package var limitPerAddress: Int?
    /// How many requests a second a client is worked on (`--max-rate`): more wait for their turn, and are answered 0x06
    /// if that would be too late; 0.1 to 10,000, default nil: any number. The dongle is not limited.
    package var rate: Double?
    /// Whether all writes but the dongle's are refused (`--read-only`); default false.
    package var isReadOnly = false
    /// Whose writes are executed, by address, at listeners that say nothing themselves (`--writers`); default any.
    /// Virtual ports and TLS listeners, which have other ways to tell who comes, are not concerned.
    package var writers: [Writer] = [.word(.any)]
    /// Which addresses may come in (`--allow`); default empty: all.
    package var allow: [NetworkBlock] = []
    /// Which may not (`--deny`); beats ``allow``.
    package var deny: [NetworkBlock] = []
    /// What addresses are called in `status`.
    package var names: [ClientName] = []

    /// How much earlier than ``timeout`` TCP clients are answered (R8): 0.3 s.
    package static let answerMargin: Duration = .milliseconds(300)

    package init() {}

    static let fields: [SettingField<ClientsSettings>] = [
        .value("limit", \.limit, .number(1...65535), "The most TCP clients at a time; default 1024"),
        .value(
            "timeout", \.timeout, .clientTimeout,
            "Time after which TCP clients give up; the broker answers \(answerMargin.secondsText) s earlier; default 5.0"
        ),
        .value(
            "allow-broadcast", \.allowBroadcast, .truth,
            "Whether TCP clients may write to unit 0, which means all units; default false"),
        .optional(
            "limit-per-address", \.limitPerAddress, .number(1...65535),
            "The most clients of one address at a time; default: as many as limit says"),
        .optional(
            "rate", \.rate, .factor(0.1...10_000, "0.1 to 10000 requests a second"),
            "Requests a second that the broker works on for one client, while more wait for their turn; default: any number"
        ),
        .value("read-only", \.isReadOnly, .truth, "Whether all writes but the dongle's are refused; default false"),
        .writers(\.writers, "Clients that may write at network listeners, while others may only read; default any"),
        .list("allow", \.allow, .network, "Addresses of clients that may connect, such as 192.168.1.0/24; default all")
            .written { !$0.allow.isEmpty },
        .list("deny", \.deny, .network, "Addresses of clients that may not connect; goes before allow").written {
            !$0.deny.isEmpty
        },
        .clientNames("names", \.names, "Names of addresses in status, such as 192.168.1.10: home-assistant"),
    ]
}

extension ValueKind<Duration> {
    private static let margin = ClientsSettings.answerMargin

    static let clientTimeout = duration(
        margin + .nanoseconds(1)...Duration.seconds(3600),
        "more than \(margin.secondsText) s (answers leave that much earlier) to 1 h")
}

/// What the client at an address is called.
package struct ClientName: Hashable, Sendable {
    /// An IP address, or the name of a port such as `SHINE`.
    package var address: String
    package var name: String

    package init(address: String, name: String) {
        self.address = address
        self.name = name
    }
}

extension SettingField {
    fileprivate static func clientNames(_ key: String, _ path: Path<[ClientName]>, _ summary: String) -> Self {
        let kind = ValueKind<String>.name
        return Self(
            key: key, summary: summary, schema: .table(kind.schema),
            read: { (root, reader) throws(YAMLError) in
                root[keyPath: path] = try reader.table().map { (address, reader) throws(YAMLError) in
                    ClientName(address: address, name: try reader.value(kind))
                }
            },
            written: { root in
                let names = root[keyPath: path]
                return names.isEmpty ? nil : YAMLNode(names.map { .init($0.address, YAMLNode(default: $0.name)) })
            })
    }
}
