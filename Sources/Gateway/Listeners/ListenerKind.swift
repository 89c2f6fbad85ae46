internal import Endpoints
internal import Settings
internal import TransportTLS

extension ListenerSettings.Kind {
    /// The address, or the path.
    var place: String { path ?? address.map { "\($0)" } ?? "" }

    /// Such as `rtu-tcp 0.0.0.0:5021`; of Modbus TCP, which most are, the address alone.
    var text: String { text(at: place) }

    /// The same, at the place where it is had.
    func text(at place: String) -> String {
        if case .tcp = self { return place }
        return "\(word) \(place)"
    }

    /// The address for connections; nil: it listens for none.
    var streamAddress: HostPort? { isOfDatagrams ? nil : address }

    /// Whether the system may refuse the other one as long as this is there.
    func isInTheWay(of other: ListenerSettings.Kind) -> Bool {
        guard let address, let wanted = other.address else { return place == other.place }
        return address.port == wanted.port && wanted.port != 0 && isOfDatagrams == other.isOfDatagrams
    }
}

extension GatewayConfiguration.Listener {
    /// Whether a running listener can go on as the other: only its settings differ.
    func isSamePlace(as other: GatewayConfiguration.Listener) -> Bool { kind == other.kind }

    /// Whether nothing is different for its clients.
    func hasSameSettings(as other: GatewayConfiguration.Listener) -> Bool {
        line == other.line && access == other.access && rules == other.rules && writers == other.writers
            && manners == other.manners && node == other.node && identity?.files == other.identity?.files
            && identity?.digest == other.identity?.digest
    }
}
