internal import Settings
/// A part of every day; it may go over midnight.
package struct TimeWindow: Hashable, Sendable {
    package enum Edge: Hashable, Sendable {
        /// Seconds since midnight.
        case time(Double)
        /// When the sun rises.
        case dawn
        /// When the sun sets.
        case dusk
    }

    package static let allowed = "two times with a hyphen between, such as 22:00-06:30 or dusk-dawn"

    package var from: Edge
    package var to: Edge

    package init(from: Edge, to: Edge) {
        self.from = from
        self.to = to
    }

    /// Reads `22:00-06:30`, `dusk-dawn` and what is mixed of both; nil: it is none of them.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard parts.count == 2, let from = Self.edge(parts[0]), let to = Self.edge(parts[1]), from != to else {
            return nil
        }
        self.init(from: from, to: to)
    }

    private static func edge(_ text: String) -> Edge? {
        switch text {
        case "dawn": .dawn
        case "dusk": .dusk
        default: TimeOfDay.seconds(text).map { .time($0) }
        }
    }

    /// - Parameter second: of the day.
    func contains(_ second: Double, in pv: PlantSettings.Panels) -> Bool {
        let (start, end) = (Self.second(of: from, pv), Self.second(of: to, pv))
        return start <= end ? start <= second && second < end : start <= second || second < end
    }

    private static func second(of edge: Edge, _ pv: PlantSettings.Panels) -> Double {
        switch edge {
        case .time(let second): second
        case .dawn: pv.sunrise
        case .dusk: pv.sunset
        }
    }
}
