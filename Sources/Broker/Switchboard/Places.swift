/// The places that only one at a time can have, and that one who leaves still has: devices, servers, addresses and names of
/// pseudo-terminals.
///
/// One who leaves never waits for one who comes, so all places are free in the end.
package final class Places {
    /// One who leaves, until it is gone.
    package final class Departure {
        package private(set) var isOver = false
        private var waiting: [() -> Void] = []

        package init() {}

        /// It is gone. What waits for that goes on.
        package func end() {
            isOver = true
            let callbacks = waiting
            waiting = []
            for callback in callbacks { callback() }
        }

        fileprivate func then(_ callback: @escaping () -> Void) { waiting.append(callback) }
    }

    private var leaving: [(place: String, departure: Departure)] = []

    package init() {}

    /// Until the departure ends, its places cannot be had.
    package func leave(_ places: [String], _ departure: Departure) {
        leaving.removeAll { $0.departure.isOver }
        leaving += places.map { ($0, departure) }
    }

    /// Calls `done` once, at once or later, when the places are free of all who have left by now, and further departures are
    /// over.
    package func whenFree(_ places: [String], after departures: [Departure] = [], _ done: @escaping () -> Void) {
        Departure.all(leaving.filter { places.contains($0.place) }.map(\.departure) + departures, done)
    }
}

extension Places {
    /// Begins to close two, and calls `done` when both are closed.
    static func closeBoth(
        _ first: (@escaping () -> Void) -> Void, _ second: (@escaping () -> Void) -> Void, _ done: @escaping () -> Void
    ) {
        let departures = [Departure(), Departure()]
        Departure.all(departures, done)
        first(departures[0].end)
        second(departures[1].end)
    }
}

extension Places.Departure {
    /// Calls `done` once, at once or later, when all are over.
    package static func all(_ departures: [Places.Departure], _ done: @escaping () -> Void) {
        let open = departures.filter { !$0.isOver }
        guard !open.isEmpty else { return done() }
        var rest = open.count
        for departure in open {
            departure.then {
                rest -= 1
                if rest == 0 { done() }
            }
        }
    }
}
