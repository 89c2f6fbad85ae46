import Broker
import Modbus
import Simulator

/// The programs of a virtual port that answers from a script, in front of a backend that answers when the test says so.
final class ProgramBench {
    let timeline = VirtualTimeline()
    let backend: StubBackend
    let port = ScriptedPort()
    let programs: PortPrograms
    private let entrance: VisitedEntrance
    private let later = Later()

    private final class Later {
        var work: [() -> Void] = []
        var reports: [String] = []
    }

    /// - Parameter answersAtOnce: with the right answers, which ``backend`` does not see.
    init(answersAtOnce: Bool = false) {
        backend = StubBackend(timeline)
        entrance = VisitedEntrance(
            answersAtOnce ? DirectPath(to: PromptBackend(timeline)) : backend, timeline)
        programs = PortPrograms(
            at: "/run/inverter", port, entrance, timeline: timeline, soon: { [later] in later.work.append($0) },
            report: { [later] in later.reports.append($0) })
    }

    /// Does what was to be done soon, once.
    ///
    /// - Returns: whether there was something.
    @discardableResult
    func settleOnce() -> Bool {
        let work = later.work
        later.work = []
        for item in work { item() }
        return !work.isEmpty
    }

    /// Programs do this, and write this, before it is seen to.
    func happen(_ events: ProgramEvent..., writing pdus: PDU...) {
        programs.note(events)
        let bytes = pdus.flatMap { RTUFrame(unit: 1, pdu: $0).bytes }
        if !bytes.isEmpty { programs.note(bytes: bytes) }
    }

    var reports: [String] { later.reports }

    /// What was asked of the backend.
    var submitted: [PDU] { backend.submitted.map(\.pdu) }

    /// The answers that were written to the port.
    var heard: [PDU] {
        port.calls.compactMap { if case .written(let bytes) = $0 { RTUFrame(bytes)?.pdu } else { nil } }
    }

    /// How many programs have come.
    var visits: Int { entrance.visits }

    /// Why programs have left.
    var reasons: [String?] { entrance.reasons }
}

/// Answers each call with what a test has put into its script, in turn; behind its end there is nothing.
final class ScriptedPort: ProgramPort {
    enum Call: Hashable {
        case asked
        case written([UInt8])
        case discarded
        case restored
    }

    var events: [[ProgramEvent]] = []
    var bytes: [[UInt8]] = []
    var findings: [Result<ProgramFinding, PortBlindness>] = []
    /// What is found out behind the end of the script.
    var isOpen = true
    private(set) var calls: [Call] = []

    func takeEvents() -> [ProgramEvent] { events.isEmpty ? [] : events.removeFirst() }

    func takeBytes() -> [UInt8] { bytes.isEmpty ? [] : bytes.removeFirst() }

    func findOut() throws(PortBlindness) -> ProgramFinding {
        calls.append(.asked)
        if findings.isEmpty { return .init(isOpen) }
        return try findings.removeFirst().get()
    }

    func write(_ bytes: [UInt8]) { calls.append(.written(bytes)) }

    func discardUnread() { calls.append(.discarded) }

    func restore() { calls.append(.restored) }
}

extension ProgramFinding {
    init(_ isOpen: Bool, since: [ProgramEvent] = [], writing pdus: PDU...) {
        self.init(
            isOpen: isOpen, before: [], since: since, bytes: pdus.flatMap { RTUFrame(unit: 1, pdu: $0).bytes })
    }
}

private final class VisitedEntrance: ProgramEntrance {
    let path: any QueryPath
    var settings = ClientSettings.usual
    private(set) var visits = 0
    private(set) var reasons: [String?] = []
    private let timeline: VirtualTimeline

    init(_ path: any QueryPath, _ timeline: VirtualTimeline) {
        self.path = path
        self.timeline = timeline
    }

    func begin(_ client: Client) -> ClientVisit {
        visits += 1
        return ClientVisit(of: client, at: timeline.now)
    }

    func end(_ visit: ClientVisit, _ reason: String?) { reasons.append(reason) }

    func observer(of visit: ClientVisit) -> (BrokerEvent) -> Void { { visit.note($0) } }
}
