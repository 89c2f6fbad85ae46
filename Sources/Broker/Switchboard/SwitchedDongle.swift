/// The port of a line's dongle, which a plan may exchange for another.
final class SwitchedDongle {
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

    private(set) var current: SwitchboardPlan.Dongle?
    /// Of ports that were replaced, and may still be open.
    private var earlier: [Places.Departure] = []
    private var isOpened = false

    init(_ plan: SwitchboardPlan.Dongle?) {
        current = plan
    }

    /// Goes on by another plan. Nothing is closed or opened meanwhile.
    ///
    /// - Returns: what is to be closed; nil: nothing.
    func take(_ new: SwitchboardPlan.Dongle?) -> Replaced? {
        guard new?.port !== current?.port else { return nil }
        defer {
            current = new
            isOpened = false
        }
        guard let current else { return nil }
        let replaced = Replaced(dongle: current, departure: Places.Departure())
        earlier = earlier.filter { !$0.isOver } + [replaced.departure]
        return replaced
    }

    /// Opens a port that is not open, as soon as its places are free, and no port that was replaced is open.
    ///
    /// - Parameter isMeant: whether its line is still there when that is so.
    func open(_ places: Places, where isMeant: @escaping () -> Bool) {
        guard let current, !isOpened else { return }
        isOpened = true
        places.whenFree(current.places, after: earlier) { [weak self] in
            guard isMeant(), let self, self.current?.port === current.port else { return }
            current.port.open()
        }
    }

    /// Closes the port for good; `done` is called when no port is open any more.
    func close(_ done: @escaping () -> Void) {
        let departure = Places.Departure()
        Places.Departure.all(earlier + [departure], done)
        guard let current else { return departure.end() }
        current.port.close { departure.end() }
    }
}
