internal import Endpoints
package import Growatt
internal import Settings

/// `growatt-broker read`.
package struct ReadTool {
    package struct Settings: Sendable {
        package var items: [RegisterItem]
        package var limit = ReadLimits.none
        package var order = WordOrder.highFirst
        package var format = ReadFormat.table
        /// From the beginning of a round to that of the next; nil: there is one round.
        package var period: Duration?
        /// How many rounds; nil: until a signal.
        package var count: Int?

        package init(_ items: [RegisterItem]) {
            self.items = items
        }
    }

    private let settings: Settings
    private let connection: UnitConnection
    private let output: Output

    package init(_ settings: Settings, _ connection: UnitConnection, _ output: Output) {
        self.settings = settings
        self.connection = connection
        self.output = output
    }

    /// Reads and prints round after round. A round that fails is printed too, and the next one tried.
    ///
    /// - Throws: ``ToolError/incomplete`` if something could not be read; ``ToolError/interrupted(signal:)``;
    ///   ``ToolError/outputClosed``.
    package func run() throws(ToolError) {
        let rounds = settings.period == nil ? 1 : settings.count
        var schedule = RoundSchedule(start: .now, period: settings.period ?? .zero)
        var isComplete = true
        var number = 0
        while true {
            let round = try ReadRound(
                of: settings.items, limit: settings.limit, order: settings.order, timestamp: WallClock.timestamp
            ) { request throws(ToolError) in try connection.ask(request) }
            try output.write(
                settings.format.text(
                    of: round, endpoint: connection.settings.endpoint.path, unit: connection.settings.unit,
                    isFirst: number == 0, isRepeated: settings.period != nil, output))
            isComplete = isComplete && round.isComplete
            if !round.isComplete, let trouble = connection.trouble { output.tell(trouble) }
            number += 1
            if number == rounds { break }
            do throws(ToolError) {
                try connection.pause(until: schedule.next(after: .now))
            } catch {
                output.endLine()
                throw error
            }
        }
        guard isComplete else { throw .incomplete }
    }
}

/// When rounds begin: at multiples of the period from the first, so that they do not drift.
struct RoundSchedule {
    private var last: ContinuousClock.Instant
    private let period: Duration

    init(start: ContinuousClock.Instant, period: Duration) {
        last = start
        self.period = period
    }

    /// The next beginning; one that has passed is left out.
    mutating func next(after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        last += period
        guard now > last, period > .zero else { return last }
        let missed = ((now - last) / period).rounded(.up)
        last += period * Int(missed)
        return last
    }
}
