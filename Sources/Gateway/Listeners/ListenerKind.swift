internal import Settings
internal import Transport

extension ListenerSettings.Kind {
    /// As the configuration calls it.
    var word: String {
        switch self {
        case .tcp: "tcp"
        case .rtuTCP: "rtu-tcp"
        case .udp: "udp"
        case .rtuUDP: "rtu-udp"
        case .tls: "tls"
        case .pty: "pty"
        case .sniff: "sniff"
        case .none: "none"
        }
    }

    /// The address, or the path.
    var place: String {
        switch self {
        case .pty(let path): path
        default: address.map { "\($0)" } ?? ""
        }
    }

    /// Such as `rtu-tcp 0.0.0.0:5021`; of Modbus TCP, which most are, the address alone.
    var text: String { text(at: place) }

    /// The same, at the place where it is had.
    func text(at place: String) -> String {
        if case .tcp = self { return place }
        return "\(word) \(place)"
    }

    var address: HostPort? {
        switch self {
        case .tcp(let address), .rtuTCP(let address), .udp(let address), .rtuUDP(let address), .tls(let address),
            .sniff(let address):
            address
        case .pty, .none: nil
        }
    }

    private var isDatagrams: Bool {
        switch self {
        case .udp, .rtuUDP: true
        default: false
        }
    }

    /// Whether the system may refuse the other one as long as this is there.
    func isInTheWay(of other: ListenerSettings.Kind) -> Bool {
        guard let address, let wanted = other.address else { return place == other.place }
        return address.port == wanted.port && wanted.port != 0 && isDatagrams == other.isDatagrams
    }
}

extension GatewayConfiguration.Listener {
    /// Whether a running listener can go on as the other: only its settings differ.
    func isSamePlace(as other: GatewayConfiguration.Listener) -> Bool {
        kind == other.kind && node == other.node
    }

    /// Whether nothing is different for its clients; certificates are not looked at.
    func hasSameSettings(as other: GatewayConfiguration.Listener) -> Bool {
        line == other.line && access == other.access && rules == other.rules
            && identity?.files == other.identity?.files
    }
}
