package import Broker
package import NIOCore

/// What the clients of one listener meet: who answers them, who may come in, and what holds for them.
///
/// On the event loop only.
package final class ClientEntrance {
    package let backend: any Backend
    /// What holds for clients that come from now on.
    package var settings: ClientSettings
    /// Who may come in here, besides the rules for all listeners.
    package var rules: AddressRules
    package let loop: any EventLoop
    let observe: (BrokerEvent) -> Void
    private let admission: ClientAdmission
    /// Told of the first bytes of each client, as they came: they may show that it speaks another framing.
    package var whenFirst: (_ bytes: [UInt8], _ host: String) -> Void = { _, _ in }
    /// How many clients are in.
    package private(set) var connected = 0
    /// Connections that were closed, and datagrams that were dropped, because they were no Modbus.
    package private(set) var invalid = 0
    /// Datagrams that were dropped, because the session of their client, or the system, had no room for them, or because
    /// they were a reflection.
    package private(set) var dropped = 0

    /// - Parameter admission: counts the clients of all listeners together.
    package init(
        backend: any Backend, settings: ClientSettings, rules: AddressRules = AddressRules(),
        admission: ClientAdmission, loop: any EventLoop, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.backend = backend
        self.settings = settings
        self.rules = rules
        self.admission = admission
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
