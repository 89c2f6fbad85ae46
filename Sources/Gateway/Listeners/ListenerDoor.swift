internal import Broker
internal import Transport
internal import TransportTLS

/// What a reload can change about a running listener.
///
/// On the event loop only.
final class ListenerDoor {
    private let path: AccessPath
    let entrance: ClientEntrance
    /// The only line that is reached; nil: all.
    private(set) var line: String?
    private var access: AccessPolicy.Settings
    private var mayWrite: (Client) -> Bool
    private var manners: GatewayConfiguration.Manners
    /// Of a TLS listener: shows other certificates from now on.
    private let takeIdentity: ((TLSIdentity) -> Void)?

    init(
        _ settings: GatewayConfiguration.Listener, _ path: AccessPath, _ entrance: ClientEntrance,
        takeIdentity: ((TLSIdentity) -> Void)? = nil
    ) {
        self.path = path
        self.entrance = entrance
        self.takeIdentity = takeIdentity
        access = settings.access
        mayWrite = settings.mayWrite
        line = settings.line
        manners = settings.manners
    }

    /// The way of its clients, as the switchboard has it.
    ///
    /// - Parameter lines: nil for a name: there is no such line.
    func planned(_ lines: (String) -> Line?) -> SwitchboardPlan.Path {
        let reach = line.map { lines($0).map { .line($0) } ?? .noLine } ?? SwitchboardPlan.Reach.allLines
        var plan = SwitchboardPlan.Path(path, access, to: reach)
        plan.mayWrite = mayWrite
        return plan
    }

    /// Goes on by other settings of the same listener.
    func apply(_ settings: GatewayConfiguration.Listener) {
        access = settings.access
        mayWrite = settings.mayWrite
        entrance.rules = settings.rules
        line = settings.line
        manners = settings.manners
        if let identity = settings.identity { takeIdentity?(identity) }
    }

    /// Takes the settings of all clients, after ``apply(_:)``.
    func take(_ clients: ClientSettings) { entrance.settings = manners.of(clients) }
}
