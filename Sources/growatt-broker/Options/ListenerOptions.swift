internal import ArgumentParser
internal import Endpoints
internal import Settings

private let defaults = GatewaySettings()

/// Where clients come in. All are texts, and nil or empty where they are not given, as in ``GatewayOptions``.
struct ListenerOptions: ParsableArguments {
    @Option(
        help: .init(
            "Where Modbus TCP is served; repeatable, or separated by commas; - or none: nowhere "
                + "(default: \(defaults.tcp.map(\.description).joined(separator: ","))).", valueName: "host:port"))
    var tcp: [String] = []
    @Option(help: .init("One more address where Modbus TCP is served (default: none).", valueName: "host:port"))
    var tcpAlt: String?
    @Option(
        help: .init(
            "Where RTU frames are taken in TCP connections; repeatable (default: none).", valueName: "host:port"))
    var rtuTcp: [String] = []
    @Option(
        help: .init(
            "Where Modbus TCP frames are taken in datagrams; repeatable (default: none).", valueName: "host:port"))
    var udp: [String] = []
    @Option(help: .init("Where RTU frames are taken in datagrams; repeatable (default: none).", valueName: "host:port"))
    var rtuUdp: [String] = []
    @Option(
        help: .init(
            "A pseudo-terminal of this name, for any RTU client at any speed; of simulated units it is the line; repeatable.",
            valueName: "path"))
    var pty: [String] = []
    @Option(
        help: .init(
            "Where Modbus Security (TLS) is served; repeatable; without a port: 802 (default: none).",
            valueName: "host:port"))
    var tls: [String] = []
    @Option(help: .init("The server's certificate for --tls, and those behind it.", valueName: "pem"))
    var tlsCertificate: String?
    @Option(help: .init("The server's private key for --tls.", valueName: "pem"))
    var tlsKey: String?
    @Option(help: .init("The authorities whose clients may come in at --tls.", valueName: "pem"))
    var tlsClientCa: String?
    @Option(help: .init("Where the traffic can be listened to (default: none).", valueName: "host:port"))
    var sniff: String?

    /// Those that are there.
    var texts: [SettingKey: [String]] {
        let single: [SettingKey: String?] = [
            .tcpAlt: tcpAlt, .sniff: sniff, .tlsCertificate: tlsCertificate, .tlsKey: tlsKey, .tlsClientCA: tlsClientCa,
        ]
        let lists: [SettingKey: [String]] = [
            .tcp: tcp, .rtuTCP: rtuTcp, .udp: udp, .rtuUDP: rtuUdp, .pty: pty, .tls: tls,
        ]
        return single.compactMapValues { $0.map { [$0] } }.merging(lists) { $1 }
    }
}
