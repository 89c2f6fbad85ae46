internal import NIOCore

/// The addresses from which a line, or a dongle, may dial in, and the sockets that were handed over for it.
///
/// On the event loop only.
package final class ServerEntrance {
    /// The addresses that may dial in from now on, besides the rules for all listeners.
    package var rules: AddressRules
    private let admission: ClientAdmission
    /// Handed over at the start of the process.
    let sockets: HandedSockets
    /// Told the address, with the port that the system chose for port 0.
    let whenListening: (String) -> Void

    /// - Parameters:
    ///   - admission: has the rules for all listeners. Lines and dongles are not counted among the clients, whose limits
    ///     must not keep them from taking their own places again.
    ///   - whenListening: told the address at which it is waited for.
    package init(
        rules: AddressRules = AddressRules(), admission: ClientAdmission, sockets: HandedSockets = HandedSockets(),
        whenListening: @escaping (String) -> Void
    ) {
        self.rules = rules
        self.admission = admission
        self.sockets = sockets
        self.whenListening = whenListening
    }

    /// Whether a peer may come in by its address; counts it as refused if not.
    func permits(_ peer: SocketAddress?) -> Bool { admission.permits(peer, rules) }
}
