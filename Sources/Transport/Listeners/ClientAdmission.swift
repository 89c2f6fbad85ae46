package import Broker
package import NIOCore

/// Who may come in: how many clients over all listeners, how many of one address, and from which addresses.
///
/// On the event loop only.
package final class ClientAdmission {
    package struct Limits: Hashable, Sendable {
        /// The most at a time; who is connected already stays.
        package var clients = 1024
        /// The most of one address at a time; nil: as many as ``clients``.
        package var perAddress: Int?
        /// Which addresses may come in, at every listener.
        package var rules = AddressRules()

        package init() {}
    }

    /// What holds for clients that come from now on.
    package var limits: Limits
    package private(set) var connected = 0
    /// How many were refused, by reason.
    package private(set) var refused: [BrokerEvent.AdmissionRefusal: Int] = [:]
    private var byHost: [String: Int] = [:]
    private let observe: (BrokerEvent.AdmissionEvent) -> Void

    /// - Parameter observe: told of each refusal.
    package init(_ limits: Limits, observe: @escaping (BrokerEvent.AdmissionEvent) -> Void) {
        self.limits = limits
        self.observe = observe
    }

    /// - Returns: whether it may come in by its address.
    package func permits(_ peer: SocketAddress?, _ rules: AddressRules) -> Bool {
        guard limits.rules.permits(peer), rules.permits(peer) else {
            refuse(.address, peer.host)
            return false
        }
        return true
    }

    /// - Returns: whether it is in.
    func enter(_ peer: SocketAddress?, _ rules: AddressRules) -> Bool {
        guard permits(peer, rules) else { return false }
        let host = peer.host
        let isCrowd = limits.perAddress.map { byHost[host, default: 0] >= $0 } ?? false
        guard !isCrowd, connected < limits.clients else {
            refuse(isCrowd ? .perAddress : .full, host)
            return false
        }
        connected += 1
        byHost[host, default: 0] += 1
        return true
    }

    func leave(_ peer: SocketAddress?) {
        let host = peer.host
        connected -= 1
        let left = byHost[host, default: 1] - 1
        byHost[host] = left == 0 ? nil : left
    }

    /// The handler of a socket that accepts: it pauses where no descriptor is left, which is told as a refusal.
    package func makeAcceptPause() -> AcceptPause {
        AcceptPause(
            onExhausted: { [weak self] in self?.refuse(.descriptors, "any") },
            onResumed: { [weak self] in self?.observe(.resumed) })
    }

    func refuse(_ refusal: BrokerEvent.AdmissionRefusal, _ host: String) {
        refused[refusal, default: 0] += 1
        observe(.refused(refusal, host: host))
    }
}
