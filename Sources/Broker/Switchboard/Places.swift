/// The places that only one port at a time can have, and that ports which close still have: devices, servers, addresses and
/// names of pseudo-terminals.
///
/// A port that closes never waits for one that opens, so all places are free in the end.
final class Places {
    /// A port that closes, or a line that comes to rest.
    final class Departure {
        private(set) var isOver = false
        private var waiting: [() -> Void] = []

        /// It is over: what waits for that goes on.
        func end() {
            isOver = true
            let callbacks = waiting
            waiting = []
            for callback in callbacks { callback() }
        }

        fileprivate func then(_ callback: @escaping () -> Void) { waiting.append(callback) }
    }

    private var leaving: [(place: String, departure: Departure)] = []

    /// Until the departure ends, its places cannot be had.
    func leave(_ places: [String], _ departure: Departure) {
        leaving.removeAll { $0.departure.isOver }
        leaving += places.map { ($0, departure) }
    }

    /// Calls `done` once, at once or later, when the departures of now from these places, and further ones, are over.
    func whenFree(_ places: [String], after departures: [Departure] = [], _ done: @escaping () -> Void) {
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
    static func all(_ departures: [Places.Departure], _ done: @escaping () -> Void) {
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
