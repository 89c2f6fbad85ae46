internal import ArgumentParser
internal import Settings
internal import Text

private let defaults = GatewaySettings()

/// What holds for clients. All are texts, and nil or empty where they are not given, as in ``GatewayOptions``.
struct ClientOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Refuse all writes but the dongle's (default: no).")
    var readOnly: Bool?
    @Option(
        help: .init(
            "Clients that may write at network listeners: addresses, blocks, any, loopback or none; others only read; "
                + "repeatable (default: any).", valueName: "block"))
    var writers: [String] = []
    @Option(
        help: .init(
            "Clients that may connect: addresses, or blocks such as 192.168.1.0/24; repeatable, or separated by commas "
                + "(default: all).",
            valueName: "block"))
    var allow: [String] = []
    @Option(help: .init("Clients that may not connect; beats --allow (default: none).", valueName: "block"))
    var deny: [String] = []
    @Option(help: .init("The most TCP clients at a time (default: \(defaults.clients.limit)).", valueName: "n"))
    var maxClients: String?
    @Option(help: .init("The most clients of one address at a time (default: as --max-clients).", valueName: "n"))
    var maxClientsPerAddress: String?
    @Option(
        help: .init(
            "The most requests a second of one address; further requests wait for their turn (default: any number).",
            valueName: "n"))
    var maxRate: String?
    @Option(
        help: .init(
            "When TCP clients give up; the broker answers \(ClientsSettings.answerMargin.secondsText) s "
                + "earlier (default: \(defaults.clients.timeout.secondsText)).", valueName: "s"))
    var clientTimeout: String?
    @Flag(inversion: .prefixedNo, help: "TCP clients may write to unit 0, which is all units (default: no).")
    var allowBroadcast: Bool?

    /// Those that are there.
    var texts: [SettingKey: [String]] {
        let single: [SettingKey: String?] = [
            .readOnly: readOnly.map { "\($0)" }, .maxClients: maxClients, .maxClientsPerAddress: maxClientsPerAddress,
            .maxRate: maxRate, .clientTimeout: clientTimeout, .allowBroadcast: allowBroadcast.map { "\($0)" },
        ]
        let lists: [SettingKey: [String]] = [.writers: writers, .allow: allow, .deny: deny]
        return single.compactMapValues { $0.map { [$0] } }.merging(lists) { $1 }
    }
}
