/// The boxes of one line: which registers may be read, reads in parts, what a plan puts in front of the end, and the end.
///
/// Bound to one end: a line that gets another one gets another chain.
final class LineChain {
    let number: LineNumber
    let line: Line
    let end: any LineEnd
    let head: any Backend
    private let reads: LineReads
    private let division: ReadDivision
    private(set) var box: (any LineBox)?
    private let insert: (Switchboard.Box, any Backend) -> any Backend

    /// - Parameters:
    ///   - insert: puts something in front of a box.
    ///   - observe: told of the parts of reads, and of each read that the line's rules refuse.
    init(
        _ plan: SwitchboardPlan.Line, number: LineNumber, timeline: any Timeline,
        insert: @escaping (Switchboard.Box, any Backend) -> any Backend, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.number = number
        line = plan.line
        end = plan.end
        box = plan.box
        self.insert = insert
        division = ReadDivision(
            nil, timeline: timeline, next: insert(.end, plan.box ?? plan.end.backend), observe: observe)
        reads = LineReads(line, timeline: timeline, next: insert(.division, division), observe: observe)
        head = insert(.reads, reads)
        take(plan)
    }

    /// What holds from the next query on.
    private func take(_ plan: SwitchboardPlan.Line) {
        reads.rules = plan.reads
        (division.limit, division.unitLimits) = (plan.readLimit, plan.readLimits)
    }

    /// Goes on by another plan with the same end.
    ///
    /// - Returns: the box that stands there no longer, which is to be stopped.
    func apply(_ plan: SwitchboardPlan.Line) -> (any LineBox)? {
        take(plan)
        guard box !== plan.box else { return nil }
        defer { box = plan.box }
        division.next = insert(.end, plan.box ?? plan.end.backend)
        return box
    }
}

/// The registers of a line that clients of all listeners may read. The dongle and the broker's own reads are not limited.
private final class LineReads: Backend {
    var rules = ReadRules()
    private let timeline: any Timeline
    private let next: any Backend
    private let line: Line
    private let observe: (BrokerEvent) -> Void

    init(
        _ line: Line, timeline: any Timeline, next: any Backend, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.line = line
        self.timeline = timeline
        self.next = next
        self.observe = observe
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        guard query.client.kind.isOfListener, let refusal = rules.refusal(of: query.pdu, to: query.lineUnit) else {
            return next.submit(query, for: owner)
        }
        observe(.refused(query, .access(.read(refusal)), at: "line \(line.name)"))
        owner.finished(.failed(query, .refused(AccessPolicy.Refusal.read(refusal).exceptionCode), at: timeline.now))
    }

    func withdraw(_ query: Query) { next.withdraw(query) }
}
