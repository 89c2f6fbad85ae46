internal import Broker

/// The way of the queries of one listener's clients: what they may do, and which lines they reach.
///
/// On the event loop only.
final class ListenerWay {
    let access: AccessPolicy
    private var router: UnitRouter

    /// A way to nowhere, until it is led to lines.
    init(_ settings: AccessPolicy.Settings, _ environment: GatewayEnvironment) {
        router = UnitRouter(timeline: environment.timeline)
        access = AccessPolicy(
            settings, timeline: environment.timeline, next: router)
    }

    /// Leads the next queries there.
    ///
    /// - Parameters:
    ///   - next: what is between the policy and the router.
    ///   - router: which line each unit is on.
    func lead(to next: any Backend, _ router: UnitRouter) {
        access.next = next
        self.router = router
    }

    /// The line that a client's request is about; nil: none.
    func line(of event: BrokerEvent) -> Line? {
        switch event {
        case .request(let query): router.line(of: query)
        case .finished(let exchange, _): exchange.destination?.line ?? router.line(of: exchange.query)
        default: nil
        }
    }
}
