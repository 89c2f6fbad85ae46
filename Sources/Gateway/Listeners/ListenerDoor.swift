internal import Broker
internal import Transport

/// What a reload can change about a running listener.
///
/// On the event loop only.
final class ListenerDoor {
    let way: ListenerWay
    let entrance: ClientEntrance
    /// The only line that is reached; nil: all.
    private(set) var line: String?
    private var manners: GatewayConfiguration.Manners
    /// Of a TLS listener: shows other certificates from now on.
    private let takeIdentity: ((TLSIdentity) -> Void)?

    init(
        _ settings: GatewayConfiguration.Listener, _ way: ListenerWay, _ entrance: ClientEntrance,
        takeIdentity: ((TLSIdentity) -> Void)? = nil
    ) {
        self.way = way
        self.entrance = entrance
        self.takeIdentity = takeIdentity
        line = settings.line
        manners = settings.manners
    }

    /// Goes on by other settings of the same listener.
    func apply(_ settings: GatewayConfiguration.Listener) {
        way.access.settings = settings.access
        way.access.mayWrite = settings.mayWrite
        entrance.rules = settings.rules
        line = settings.line
        manners = settings.manners
        if let identity = settings.identity { takeIdentity?(identity) }
    }

    /// Takes the settings of all clients, after ``apply(_:)``.
    func take(_ clients: ClientSettings) { entrance.settings = manners.of(clients) }
}
