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

    let timeline: any Timeline
    /// Every report of the core, of its sessions and of the ports around it.
    package let reports: ReportStream
    private let insert: (Box, any Backend) -> any Backend
    package let limit: RateLimit
    private let dispatch: LineDispatch
    /// Takes the queries of all paths.
    private let head: any Backend
    private var lines: [SwitchedLine] = []
    private var paths: [AccessPath] = []
    private let names: LineNames
    /// Those that are stopped, until nothing of them is on a line any more, and until they have no port any more.
    private var leaving: [Leaving] = []
    private var isOpen = false
    private var isStopping = false
    private let places = Places()

    private struct Leaving {
        let quiet = Places.Departure()
        let gone: Places.Departure
    }

    /// - Parameter insert: puts something in front of a box, called for each that is made or exchanged; for tests.
    package init(
        timeline: any Timeline, insert: @escaping (Box, any Backend) -> any Backend = { $1 }
    ) {
        self.timeline = timeline
        self.insert = insert
        let reports = ReportStream(timeline: timeline)
        self.reports = reports
        let names = LineNames()
        self.names = names
        let observe: (BrokerEvent) -> Void = { reports.note($0, of: names.line(of: $0)) }
        dispatch = LineDispatch(timeline: timeline, observe: observe)
        limit = RateLimit(nil, timeline: timeline, next: insert(.dispatch, dispatch), observe: observe)
        head = insert(.rateLimit, limit)
        self.observe = observe
    }

    /// Reports what happens at a session, about the line to which its query is bound.
    package let observe: (BrokerEvent) -> Void

    /// - Parameter name: of the listener, as reports call it.
    /// - Returns: a way for clients, which reaches no line until a plan names it.
    package func makePath(_ name: String = "") -> AccessPath {
        AccessPath(to: head, name: name, timeline: timeline, observe: observe)
    }

    /// The line of a number, also after it is gone; nil: the number was not given out.
    package func line(_ number: LineNumber) -> Line? { names.line(number) }
}

// MARK: A plan

extension Switchboard {
    /// Goes on by a plan. What runs is completed by the line that has it.
    package func apply(_ plan: SwitchboardPlan) {
        let before = lines
        for line in before where line.touchesPorts(plan.lines.first { $0.line === line.plan.line }) {
            line.passthrough?.stop()
        }
        let changes = takeLines(plan.lines)
        reports.linesChanged(lines.map(\.plan.line))
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
        // All that leaves has been told before: what opens now may be at one of its places.
        if isOpen, !isStopping { openLines() }
    }

    private func takeLines(_ planned: [SwitchboardPlan.Line]) -> [SwitchedLine.Change] {
        let before = lines
        var changes: [SwitchedLine.Change] = []
        lines = planned.map { plan in
            guard let line = before.first(where: { $0.plan.line === plan.line }) else {
                return SwitchedLine(plan, makeChain(plan), makeSession(of: plan.line))
            }
            changes.append(line.take(plan) { makeChain(plan) })
            return line
        }
        return changes
    }

    /// - Returns: makes the session of a line's dongle. What comes from a dongle is of its line, a request or not.
    private func makeSession(of line: Line) -> (SwitchboardPlan.Dongle) -> SerialClientSession {
        { [timeline, reports] dongle in
            SerialClientSession(
                client: dongle.client, path: dongle.path, settings: dongle.settings, timeline: timeline,
                observe: { reports.note($0, of: line) }, send: { [weak port = dongle.port] in port?.send($0) })
        }
    }

    private func makeChain(_ plan: SwitchboardPlan.Line) -> LineChain {
        let (line, reports) = (plan.line, reports)
        let number = names.takeNumber(for: line, besides: dispatch.chains.map(\.number))
        let chain = LineChain(
            plan, number: number, timeline: timeline, insert: insert, observe: { reports.note($0, of: line) })
        dispatch.chains.append(chain)
        return chain
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

    func switched(_ line: Line) -> SwitchedLine? { lines.first { $0.plan.line === line } }

    private func routes(to line: Line) -> RouteTable {
        guard let line = switched(line) else { return .none }
        return RouteTable([.init(line: line.chain.number, units: nil)])
    }

    private func takePolls(of line: SwitchedLine, timeToAnswer: Duration) {
        line.takePolls(timeToAnswer: timeToAnswer) { [timeline, head, reports] reads, number in
            Poller(
                reads, of: number, timeToAnswer: timeToAnswer, timeline: timeline, next: head,
                observe: { [line = line.plan.line] in reports.note($0, of: line) })
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
        for line in lines { line.passthrough?.stop() }
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
