import Broker
import Modbus
import Testing

/// A ``Switchboard`` in virtual time, whose lines answer when the test says so.
final class SwitchboardBench {
    let queries = QueryBench()
    let switchboard: Switchboard
    let path: AccessPath
    let dongle = Client(kind: .dongle, name: "SHINE", address: "SHINE")
    let donglePath: AccessPath
    var plan = SwitchboardPlan([], timeToAnswer: .milliseconds(4700))
    private let journal = ReportJournal()

    init(insert: @escaping (Switchboard.Box, any Backend) -> any Backend = { $1 }) {
        switchboard = Switchboard(timeline: queries.timeline, insert: insert)
        path = switchboard.makePath("listener")
        donglePath = switchboard.makePath("dongle")
        var access = AccessPolicy.Settings()
        access.allowsBroadcast = true
        plan.paths = [.init(path, access)]
        switchboard.reports.add(journal)
    }

    /// Goes on by these lines.
    func apply(_ lines: SwitchboardPlan.Line...) {
        plan.lines = lines
        switchboard.apply(plan)
    }

    func dongle(at port: StubDonglePort) -> SwitchboardPlan.Dongle {
        SwitchboardPlan.Dongle(dongle, at: port, places: ["/dev/dongle"], by: donglePath, .usual)
    }

    /// Asks by ``path``, or by another one.
    @discardableResult func ask(
        _ pdu: PDU, unit: UnitIdentifier, by client: Client? = nil, at other: AccessPath? = nil,
        within timeToAnswer: Duration? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Asked {
        let asked = Asked(
            query(pdu, unit: unit, by: client, at: other, within: timeToAnswer), sourceLocation: sourceLocation)
        (other ?? path).submit(asked.query) { asked.complete($0) }
        return asked
    }

    func query(
        _ pdu: PDU, unit: UnitIdentifier, by client: Client? = nil, at other: AccessPath? = nil,
        within timeToAnswer: Duration? = nil
    ) -> Query {
        let destination = (other ?? path).destination(of: unit, isRead: pdu.function.isRead)
        return queries.query(pdu, unit: unit, to: destination, by: client, within: timeToAnswer)
    }

    /// The queries that were refused, by policies and by the rate, and where.
    var refused: [(query: Query, refusal: BrokerEvent.Refusal, place: String, line: Line?)] {
        journal.reports.compactMap {
            guard case .refused(let query, let refusal, let place) = $0.event else { return nil }
            return (query, refusal, place, $0.line)
        }
    }

    /// The line to which a query went; nil: to none.
    func line(of asked: Asked) -> Line? { asked.exchange?.destination.flatMap { switchboard.line($0.line) } }
}

/// Keeps every report.
final class ReportJournal: ReportObserver {
    private(set) var reports: [Report] = []
    private(set) var lines: [[String]] = []

    func note(_ report: Report) { reports.append(report) }

    func linesChanged(_ lines: [Line]) { self.lines.append(lines.map(\.name)) }
}

/// A line's end that records what is asked of it, and opens, stops and closes when the test says so.
final class StubEnd: LineEnd {
    let line: Line
    let stub: StubBackend
    private(set) var settings: [BusSettings] = []
    private(set) var isOpen = false
    private var isReady: (() -> Void)?
    private var whenStopped: (() -> Void)?
    private var whenClosed: (() -> Void)?
    /// Whether stopping, and closing, is over at once.
    var stopsAtOnce = true

    init(_ name: String, _ bench: SwitchboardBench) {
        line = Line(name: name)
        stub = StubBackend(bench.queries.timeline)
    }

    /// Takes the place of another one at the same line.
    init(insteadOf other: StubEnd, _ bench: SwitchboardBench) {
        line = other.line
        stub = StubBackend(bench.queries.timeline)
    }

    /// - Parameter units: by the number that clients know; nil: all that no other line names.
    func planned(
        units: [UnitIdentifier: UnitIdentifier]? = nil, at places: [String] = [],
        _ change: (inout SwitchboardPlan.Line) -> Void = { _ in }
    ) -> SwitchboardPlan.Line {
        var plan = SwitchboardPlan.Line(line, end: self, .usual)
        plan.units = units
        plan.places = places
        change(&plan)
        return plan
    }

    var backend: any Backend { stub }

    var submitted: [Query] { stub.submitted }

    /// Answers a request as its unit would.
    func answer(_ pdu: PDU, unit: UnitIdentifier) {
        stub.answer(pdu, .success(Unit.reply(to: RTUFrame(unit: unit, pdu: pdu))))
    }

    func apply(_ settings: BusSettings) { self.settings.append(settings) }

    func open(_ isReady: @escaping () -> Void) {
        isOpen = true
        self.isReady = isReady
    }

    /// The units can be asked.
    func becomeReady() {
        isReady?()
        isReady = nil
    }

    func stop(_ done: @escaping () -> Void) {
        guard !stopsAtOnce else { return done() }
        whenStopped = done
    }

    func close(_ done: @escaping () -> Void) {
        isOpen = false
        guard !stopsAtOnce else { return done() }
        whenClosed = done
    }

    var isStopping: Bool { whenStopped != nil }

    /// Nothing is on the line any more.
    func becomeQuiet() {
        whenStopped.take()?()
    }

    /// No port is open any more.
    func finishClosing() {
        whenClosed.take()?()
    }
}

/// A dongle's port: a test says what comes, and when it is closed.
final class StubDonglePort: DonglePort {
    private(set) var session: SerialClientSession?
    private(set) var opened = 0
    private(set) var sent: [UInt8] = []
    private var whenClosed: (() -> Void)?

    var isClosing: Bool { whenClosed != nil }

    func open(for session: SerialClientSession) {
        opened += 1
        self.session = session
        session.portOpened(isPseudoTerminal: false)
    }

    func send(_ bytes: [UInt8]) { sent += bytes }

    func close(_ done: @escaping () -> Void) { whenClosed = done }

    func finishClosing() { whenClosed.take()?() }
}
