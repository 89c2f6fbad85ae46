internal import Modbus

/// Hands each query to the line to which it is bound. A query without a line gets 0x0A (R10).
///
/// A write to a unit that is 0 on its line reaches all units there, and needs a permission.
final class LineDispatch: Backend {
    private let timeline: any Timeline
    /// Those of lines that go stay until they have no query any more.
    var chains: [LineChain] = []
    /// Whether clients may write to a unit that is 0 on its line (R10).
    var allowsBroadcast = false
    private let observe: (BrokerEvent) -> Void

    /// - Parameter observe: told of each such write that is refused, before its completion.
    init(timeline: any Timeline, observe: @escaping (BrokerEvent) -> Void) {
        self.timeline = timeline
        self.observe = observe
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        guard let chain = chain(of: query) else {
            return owner.finished(.failed(query, .unavailable, at: timeline.now))
        }
        let query = query.dispatched()
        // Decided here, because a listener's policy takes it for a write to one unit.
        guard allowsBroadcast || !query.isLineBroadcast || query.isClientBroadcast else {
            observe(.refused(query, .allUnits, at: chain.line.name))
            return owner.finished(.failed(query, .refused(.illegalFunction), at: timeline.now))
        }
        chain.head.submit(query, for: owner)
    }

    func withdraw(_ query: Query) { chain(of: query)?.head.withdraw(query) }

    private func chain(of query: Query) -> LineChain? {
        guard let number = query.destination?.line else { return nil }
        return chains.first { $0.number == number }
    }
}
