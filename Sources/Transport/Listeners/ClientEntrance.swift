package import Broker
package import NIOCore

/// What the clients of one listener meet: who answers them, who may come in, and what holds for them.
///
/// On the event loop only.
package final class ClientEntrance: ProgramEntrance {
    /// As reports call the listener.
    private let name: String
    /// The way of their queries.
    package let path: any QueryPath
    /// What holds for clients that come from now on.
    package var settings: ClientSettings
    /// Who may come in here, besides the rules for all listeners.
    package var rules: AddressRules
    package let loop: any EventLoop
    let observe: (BrokerEvent) -> Void
    /// Called with the first bytes of each client: they may show another framing.
    package var whenFirst: (_ bytes: [UInt8], _ host: String) -> Void = { _, _ in }
    private let admission: ClientAdmission
    /// Handed over at the start of the process.
    let sockets: HandedSockets
    /// How many clients are in.
    package private(set) var connected = 0
    /// Connections that were closed, and datagrams that were dropped, because they were no Modbus.
    package private(set) var invalid = 0
    /// Datagrams that were dropped, because the session of their client, or the system, had no room for them, or because
    /// they were a reflection.
    package private(set) var dropped = 0
    /// Visits that have begun and not ended. Their order does not matter.
    private var visits: [ObjectIdentifier: ClientVisit] = [:]

    /// - Parameters:
    ///   - name: as reports call the listener, such as `0.0.0.0:5020`.
    ///   - admission: counts the clients of all listeners together.
    ///   - sockets: handed over at the start of the process.
    package init(
        name: String = "", path: any QueryPath, settings: ClientSettings, rules: AddressRules = AddressRules(),
        admission: ClientAdmission, sockets: HandedSockets = HandedSockets(), loop: any EventLoop,
        observe: @escaping (BrokerEvent) -> Void
    ) {
        self.name = name
        self.path = path
        self.settings = settings
        self.rules = rules
        self.admission = admission
        self.sockets = sockets
        self.loop = loop
        self.observe = observe
    }

    /// Lets a client in, or counts it as refused.
    ///
    /// - Returns: whether it is in; then ``leave(_:)`` has to follow once, with the same address.
    func enter(_ peer: SocketAddress?) -> Bool {
        guard admission.enter(peer, rules) else { return false }
        connected += 1
        return true
    }

    func leave(_ peer: SocketAddress?) {
        connected -= 1
        admission.leave(peer)
    }

    /// A client is admitted, and may send requests from now on.
    ///
    /// - Returns: the visit, for which ``end(_:_:)`` must follow.
    package func begin(_ client: Client) -> ClientVisit {
        let visit = ClientVisit(of: client, at: EventLoopTimeline(loop).now)
        visits[ObjectIdentifier(visit)] = visit
        observe(.client(.came(client), at: name))
        return visit
    }

    /// The client has left; only the first reason counts.
    package func end(_ visit: ClientVisit, _ reason: String? = nil) {
        guard visits.removeValue(forKey: ObjectIdentifier(visit)) != nil else { return }
        visit.explain(reason)
        observe(.client(.left(visit.client, visit.stay(until: EventLoopTimeline(loop).now)), at: name))
    }

    /// All clients will have to leave, because their listener is closed.
    func noteClosing() {
        for visit in visits.values { visit.explain("the listener is closed") }
    }

    /// The target of the reports of a visit's session.
    package func observer(of visit: ClientVisit) -> (BrokerEvent) -> Void {
        { [observe] event in
            visit.note(event)
            observe(event)
        }
    }

    /// The handler of the socket that accepts clients.
    func makeAcceptPause() -> AcceptPause { admission.makeAcceptPause() }

    /// Whether a peer may come in by its address; counts it as refused if not.
    func permits(_ peer: SocketAddress?) -> Bool { admission.permits(peer, rules) }

    func noteInvalid() { invalid += 1 }

    func noteDropped() { dropped += 1 }

    /// A datagram was dropped because it is what had been sent to its sender, or comes from the listener itself.
    func noteReflected(_ peer: SocketAddress?) {
        dropped += 1
        admission.refuse(.reflected, peer.host)
    }
}
