extension ListenerSettings {
    static let fields = kinds + options

    private static let options: [SettingField<ListenerSettings>] = [
        option(
            .optional("line", \.line, .name, "The only line that clients reach here; default all lines, by their units")
        ),
        option(.value("read-only", \.isReadOnly, .truth, "Whether writes are refused here; default false")),
        option(
            .writers(\.writers, "Clients that may write here: addresses, any, loopback or none; others may only read")),
        option(
            .reads(
                \.reads,
                "Registers that clients may read here: off-grid, or allow and refuse; others get exception 0x02")),
        option(
            .list(
                "allow", \.allow, .network, "Addresses of clients that may connect, such as 192.168.1.0/24; default all"
            )
        ) {
            !$0.allow.isEmpty
        },
        option(.list("deny", \.deny, .network, "Addresses of clients that may not connect; goes before allow")) {
            !$0.deny.isEmpty
        },
        option(
            .optional(
                "timeout", \.timeout, .clientTimeout,
                "Time after which clients of this listener give up; default: as clients.timeout says")),
        option(
            .value(
                "newest-only", \.isNewestOnly, .truth,
                "Whether a client gets only the answer to its newest transaction identifier; default false")),
        option(
            .value(
                "no-answer", \.noAnswer, .word,
                "What an RTU client gets if the unit does not answer: silence, or exception (0x0B); default silence")),
        option(
            .optional("owner", \.node.owner, .account, "The pseudo-terminal's owner: a user's name or number")),
        option(.optional("group", \.node.group, .account, "The pseudo-terminal's group: a name or number")),
        option(.value("mode", \.node.mode, .permissions, "The pseudo-terminal's permissions, octal; default 0660")),
        option(.value("certificate", \.tls.certificate, .file, "The server's certificate, PEM, with those behind it")),
        option(.value("key", \.tls.key, .file, "The server's private key, PEM")),
        option(.value("client-ca", \.tls.clientCA, .file, "The authorities that sign clients' certificates, PEM")),
    ]

    static let filesOfTLS = ["certificate", "key", "client-ca"]

    /// - Throws: ``YAMLError`` for no kind, for an option without a meaning, and for a file of TLS that is missing.
    @Sendable static func check(_ listener: ListenerSettings, _ reader: YAMLReader) throws(YAMLError) {
        guard listener.kind != .none else {
            throw reader.error("expected one of \(kinds.map(\.key).joined(separator: ", "))")
        }
        for key in options.map(\.key) where !listener.kind.takes(key) {
            guard let node = reader.node[[key]], !node.isEmpty else { continue }
            throw reader.at([key]).error("has no meaning with \(listener.kind.word)")
        }
        guard case .tls = listener.kind else { return }
        let files = [listener.tls.certificate, listener.tls.key, listener.tls.clientCA]
        if let (key, _) = zip(filesOfTLS, files).first(where: \.1.isEmpty) {
            throw reader.error("\(key) is missing; expected the path of a PEM file, or --tls-\(key)")
        }
    }

    /// A key that some kinds have.
    private static func option(
        _ field: SettingField<ListenerSettings>,
        if isSaid: @escaping @Sendable (ListenerSettings) -> Bool = { _ in true }
    ) -> SettingField<ListenerSettings> {
        field.written { $0.kind.takes(field.key) && isSaid($0) }
    }
}

extension ListenerSettings.Kind {
    /// Whether an option has a meaning.
    fileprivate func takes(_ option: String) -> Bool {
        switch option {
        case "line", "read-only", "timeout", "reads": takesRequests
        case "newest-only": takesRequests && !isOfRTU
        case "no-answer": isOfRTU
        case "writers": takesWriters
        case "allow", "deny": address != nil
        case "owner", "group", "mode": path != nil
        default: word == "tls"
        }
    }
}
