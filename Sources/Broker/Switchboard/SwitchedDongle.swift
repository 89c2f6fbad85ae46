/// A line's dongle: its session, and its port, which a plan may exchange for another.
final class SwitchedDongle {
    typealias Current = (plan: SwitchboardPlan.Dongle, session: SerialClientSession)

    /// A port that a plan no longer has.
    struct Replaced {
        let dongle: SwitchboardPlan.Dongle
        /// Ends when the port is closed.
        let departure: Places.Departure

        /// Closes the port, and leaves its places.
        func close(_ places: Places) {
            places.leave(dongle.places, departure)
            dongle.port.close { [departure] in departure.end() }
        }
    }

    private(set) var current: Current?
    private let makeSession: (SwitchboardPlan.Dongle) -> SerialClientSession
    /// Of ports that were replaced, and may still be open.
    private var earlier: [Places.Departure] = []
    private var isOpened = false

    /// - Parameter makeSession: makes the session of a dongle at a port.
    init(
        _ plan: SwitchboardPlan.Dongle?,
        _ makeSession: @escaping (SwitchboardPlan.Dongle) -> SerialClientSession
    ) {
        self.makeSession = makeSession
        current = plan.map { ($0, makeSession($0)) }
    }

    /// Goes on by another plan. Nothing is closed or opened meanwhile.
    ///
    /// - Returns: what is to be closed; nil: nothing.
    func take(_ new: SwitchboardPlan.Dongle?) -> Replaced? {
        guard new?.port !== current?.plan.port else { return nil }
        defer {
            current = new.map { ($0, makeSession($0)) }
            isOpened = false
        }
        guard let old = current?.plan else { return nil }
        let replaced = Replaced(dongle: old, departure: Places.Departure())
        earlier = earlier.filter { !$0.isOver } + [replaced.departure]
        return replaced
    }

    /// Opens a port that is not open, as soon as its places are free, and no port that was replaced is open.
    ///
    /// - Parameter isMeant: whether its line is still there when that is so.
    func open(_ places: Places, where isMeant: @escaping () -> Bool) {
        guard let current, !isOpened else { return }
        isOpened = true
        places.whenFree(current.plan.places, after: earlier) { [weak self] in
            guard isMeant(), let self, self.current?.plan.port === current.plan.port else { return }
            current.plan.port.open(for: current.session)
        }
    }

    /// Closes the port for good; `done` is called when no port is open any more.
    func close(_ done: @escaping () -> Void) {
        let departure = Places.Departure()
        Places.Departure.all(earlier + [departure], done)
        guard let current else { return departure.end() }
        current.plan.port.close { departure.end() }
    }
}
