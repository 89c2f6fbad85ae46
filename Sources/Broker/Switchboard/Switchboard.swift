/// The one assembly of the core: which listener reaches which policies and which lines.
///
/// A plan can take the place of another while queries run. A query belongs to the line that its path led to when it arrived.
package final class Switchboard {
    /// The boxes that a query goes through, in this order.
    package enum Box: CaseIterable, Sendable {
        /// One for each path: what its clients may do.
        case access
        /// One: how often each address may ask.
        case rateLimit
        /// One: hands each query to its line.
        case dispatch
        /// One for each line: which registers may be read.
        case reads
        /// One for each line: reads in parts.
        case division
        /// One for each line: what a plan puts in front of it, and what answers.
        case end
    }

    /// Told of what happens at no session and on no bus.
    package struct Observer {
        /// Parts of reads, and the broker's own reads.
        package var note: (BrokerEvent, Line) -> Void = { _, _ in }
        /// A read that the rules of a line refuse, before its completion.
        package var readRefused: (Query, AccessPolicy.Refusal, Line) -> Void = { _, _, _ in }
        /// A write to a unit that is 0 on its line, before its completion.
        package var broadcastRefused: (Query) -> Void = { _ in }
        /// A query whose turn did not come in time.
        package var rateRefused: (Query) -> Void = { _ in }

        package init() {}
    }

    private let timeline: any Timeline
    private let observer: Observer
    private let insert: (Box, any Backend) -> any Backend
    package let limit: RateLimit
    private let dispatch: LineDispatch
    /// Takes the queries of all paths.
    private let head: any Backend
    private var lines: [SwitchedLine] = []
    private var paths: [AccessPath] = []
    /// The line of each number that was given out.
    private var numbers: [Line] = []
    /// Those that are stopped, until nothing of them is on a line any more, and until they have no port any more.
    private var leaving: [Leaving] = []
    private var isOpen = false
    private var isStopping = false
    package let places = Places()

    private struct Leaving {
        let quiet = Places.Departure()
        let gone: Places.Departure
    }

    /// - Parameter insert: puts something in front of a box, called once for each when it is made; for tests.
    package init(
        timeline: any Timeline, observer: Observer = Observer(),
        insert: @escaping (Box, any Backend) -> any Backend = { $1 }
    ) {
        self.timeline = timeline
        self.observer = observer
        self.insert = insert
        dispatch = LineDispatch(timeline: timeline)
        limit = RateLimit(nil, timeline: timeline, next: insert(.dispatch, dispatch))
        head = insert(.rateLimit, limit)
        dispatch.whenRefused = observer.broadcastRefused
        limit.whenRefused = observer.rateRefused
    }

    /// - Returns: a way for clients, which reaches no line until a plan names it.
    package func makePath() -> AccessPath { AccessPath(to: head, timeline: timeline) }

    /// - Returns: the line to which a query is bound; nil: there is no way to its unit.
    package func line(of query: Query) -> Line? { query.destination.flatMap { line($0.line) } }

    /// The line of a number, also after it is gone; nil: the number was not given out.
    package func line(_ number: LineNumber) -> Line? {
        number.rawValue < numbers.count ? numbers[Int(number.rawValue)] : nil
    }
}

// MARK: A plan

extension Switchboard {
    /// Goes on by a plan. What runs is completed by the line that has it.
    package func apply(_ plan: SwitchboardPlan) {
        let before = lines
        let changes = takeLines(plan.lines)
        takePaths(plan)
        // All tables are as the plan has them: a query that is completed from here on may bring further ones.
        for end in changes.compactMap(\.replaced) { leave(end) }
        for port in changes.compactMap(\.port) { port.close(places) }
        for line in before where !lines.contains(where: { $0 === line }) {
            line.poller?.stop()
            leave(line.ended)
        }
        for change in changes { change.perform() }
        for line in lines { takePolls(of: line, timeToAnswer: plan.timeToAnswer) }
        limit.rate = plan.rate
        // What leaves has been told: what comes may be at a place of it.
        if isOpen, !isStopping { openLines() }
    }

    private func takeLines(_ planned: [SwitchboardPlan.Line]) -> [SwitchedLine.Change] {
        let before = lines
        var changes: [SwitchedLine.Change] = []
        lines = planned.map { plan in
            guard let line = before.first(where: { $0.plan.line === plan.line }) else {
                return SwitchedLine(plan, makeChain(plan))
            }
            changes.append(line.take(plan) { makeChain(plan) })
            return line
        }
        return changes
    }

    private func makeChain(_ plan: SwitchboardPlan.Line) -> LineChain {
        let (line, observer) = (plan.line, observer)
        let chain = LineChain(
            plan, number: takeNumber(for: line), timeline: timeline, insert: insert,
            observe: { observer.note($0, line) }, whenRefused: { observer.readRefused($0, $1, line) })
        dispatch.chains.append(chain)
        return chain
    }

    /// A number that no line has. Numbers are used again only when all have been given out.
    private func takeNumber(for line: Line) -> LineNumber {
        if numbers.count <= UInt16.max {
            numbers.append(line)
            return LineNumber(rawValue: UInt16(numbers.count - 1))
        }
        let inUse = dispatch.chains.map(\.number.rawValue)
        let free = numbers.indices.first { !inUse.contains(UInt16($0)) } ?? 0
        numbers[free] = line
        return LineNumber(rawValue: UInt16(free))
    }

    private func takePaths(_ plan: SwitchboardPlan) {
        dispatch.allowsBroadcast = plan.allowsBroadcast
        let toAll = RouteTable(lines.map { .init(line: $0.chain.number, units: $0.plan.units) })
        for path in paths where !plan.paths.contains(where: { $0.path === path }) { path.routes = .none }
        paths = plan.paths.map(\.path)
        for planned in plan.paths {
            planned.path.policy.settings = planned.access
            planned.path.policy.mayWrite = planned.mayWrite
            planned.path.routes =
                switch planned.reach {
                case .allLines: toAll
                case .line(let line): routes(to: line)
                case .noLine: .none
                }
        }
    }

    private func routes(to line: Line) -> RouteTable {
        guard let line = lines.first(where: { $0.plan.line === line }) else { return .none }
        return RouteTable([.init(line: line.chain.number, units: nil)])
    }

    private func takePolls(of line: SwitchedLine, timeToAnswer: Duration) {
        let observer = observer
        line.takePolls(timeToAnswer: timeToAnswer) { [timeline, head] reads, number in
            Poller(
                reads, of: number, timeToAnswer: timeToAnswer, timeline: timeline, next: head,
                observe: { [line = line.plan.line] in observer.note($0, line) })
        }
    }
}

// MARK: Lines that open and leave

extension Switchboard {
    /// Opens the ports of all lines, and from now on those of lines that come. A missing device is no error: it is waited
    /// for.
    package func open() {
        isOpen = true
        openLines()
    }

    private func openLines() {
        for line in lines {
            line.open(places) { [weak self, weak line] in
                guard let self, let line else { return false }
                return !isStopping && lines.contains { $0 === line }
            }
        }
    }

    /// An end answers what waits, ends what is on its line, and lets its places go.
    private func leave(_ ended: SwitchedLine.Ended) {
        let leave = Leaving(gone: ended.gone)
        leaving.removeAll(where: \.gone.isOver)
        leaving.append(leave)
        places.leave(ended.places, ended.gone)
        let (dispatch, chain) = (dispatch, ended.chain)
        chain.box?.stop()
        chain.end.stop {
            dispatch.chains.removeAll { $0 === chain }
            leave.quiet.end()
            ended.close { ended.gone.end() }
        }
    }

    /// Answers what waits, and lets the exchanges on the lines end; `done` is called when nothing is on a line any more.
    package func stop(_ done: @escaping () -> Void) {
        isStopping = true
        limit.stop()
        var quiet = leaving.map(\.quiet)
        for line in lines {
            let departure = Places.Departure()
            quiet.append(departure)
            line.poller?.stop()
            line.chain.box?.stop()
            line.chain.end.stop { departure.end() }
        }
        Places.Departure.all(quiet, done)
    }

    /// Closes the ports of lines that are quiet; `done` is called when nothing of them is under way any more.
    package func close(_ done: @escaping () -> Void) {
        var gone = leaving.map(\.gone)
        for line in lines {
            let departure = Places.Departure()
            gone.append(departure)
            line.close { departure.end() }
        }
        Places.Departure.all(gone, done)
    }
}
