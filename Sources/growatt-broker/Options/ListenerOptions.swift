internal import ArgumentParser
internal import Endpoints
internal import Settings

private let defaults = GatewaySettings()

/// Where clients come in. All are texts, and nil or empty where they are not given, as in ``GatewayOptions``.
struct ListenerOptions: ParsableArguments {
    @Option(
        help: .init(
            "Serve Modbus TCP at this address; repeatable, or separated by commas; - or none: nowhere "
                + "(default: \(defaults.tcp.map(\.description).joined(separator: ","))).", valueName: "host:port"))
    var tcp: [String] = []
    @Option(help: .init("Serve Modbus TCP at one more address (default: none).", valueName: "host:port"))
    var tcpAlt: String?
    @Option(
        help: .init(
            "Serve RTU frames in TCP connections at this address; repeatable (default: none).", valueName: "host:port"))
    var rtuTcp: [String] = []
    @Option(
        help: .init(
            "Serve Modbus TCP frames in datagrams at this address; repeatable (default: none).", valueName: "host:port")
    )
    var udp: [String] = []
    @Option(
        help: .init(
            "Serve RTU frames in datagrams at this address; repeatable (default: none).", valueName: "host:port"))
    var rtuUdp: [String] = []
    @Option(
        help: .init(
            "Serve RTU frames at a pseudo-terminal of this name, at any speed; with simulated units it is their line; "
                + "repeatable.",
            valueName: "path"))
    var pty: [String] = []
    @Option(
        help: .init(
            "Serve Modbus Security (TLS) at this address; repeatable; without a port: 802 (default: none).",
            valueName: "host:port"))
    var tls: [String] = []
    @Option(help: .init("The server's certificate for --tls, followed by intermediate ones.", valueName: "pem"))
    var tlsCertificate: String?
    @Option(help: .init("The server's private key for --tls.", valueName: "pem"))
    var tlsKey: String?
    @Option(help: .init("The authorities whose clients may connect to --tls.", valueName: "pem"))
    var tlsClientCa: String?
    @Option(help: .init("Send the wire log to readers at this address (default: none).", valueName: "host:port"))
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
