internal import Broker
internal import Transport

/// The way of the clients of one listener: what they may do, what holds for them, and which lines they reach.
///
/// On the event loop only.
final class ListenerDoor {
    private let access: AccessPolicy
    private let entrance: ClientEntrance
    /// The only line that is reached; nil: all.
    private(set) var line: String?
    /// Of a TLS listener: shows other certificates from now on.
    private let takeIdentity: ((TLSIdentity) -> Void)?

    init(
        _ settings: GatewayConfiguration.Listener, access: AccessPolicy, entrance: ClientEntrance,
        takeIdentity: ((TLSIdentity) -> Void)? = nil
    ) {
        self.takeIdentity = takeIdentity
        self.access = access
        self.entrance = entrance
        line = settings.line
    }

    /// Goes on by other settings of the same listener.
    func apply(_ settings: GatewayConfiguration.Listener) {
        access.settings = settings.access
        entrance.rules = settings.rules
        line = settings.line
        if let identity = settings.identity { takeIdentity?(identity) }
    }

    /// Takes what holds for all clients.
    func take(_ clients: ClientSettings) { entrance.settings = clients }

    /// Leads the next queries there.
    func lead(to next: any Backend) { access.next = next }
}
