internal import Broker
internal import Modbus
internal import Simulator

/// The broker between the clients of a capture and the line of the same capture.
final class CaptureWorld {
    private let log: CaptureLog
    /// How much longer than recorded everything takes that clients do.
    private let clientScale: Double
    private let timeline = VirtualTimeline()
    private let line: RecordedLine
    private let core: Core
    private let shine = Client.dongle()
    private var dongleSession: SerialClientSession?
    /// In the order of their first request.
    private var connections: [CapturedConnection] = []
    private var runs = RequestRuns()
    private var found: [[UInt8]] = []
    private var sent: [[UInt8]] = []
    private var stale: [String] = []

    init(_ log: CaptureLog, scale: Double, clientScale: Double) {
        self.log = log
        self.clientScale = clientScale
        line = RecordedLine(log, scale: scale, timeline: timeline)
        let settings = ScenarioSettings(scale: scale)
        core = Core(bus: settings.bus, clients: settings.clients, timeline: timeline, link: line)
        line.bus = core.bus
        line.onTransmit = { [unowned self] in _ = runs.transmitted($0, at: timeline.now) }
        line.onReply = { [unowned self] in noteReply() }
        core.observe = { [unowned self] in observe($0) }
        core.bus.lineOpened()
        dongleSession = core.serialSession(of: shine) { [unowned self] in forwarded($0) }
    }

    func run() {
        for line in log.lines where line.role != .reply {
            timeline.schedule(at: instant(of: line)) { [unowned self] in
                if line.client == shine.name { dongleSent(line.bytes) } else { asked(line) }
            }
        }
        let last = log.lines.last.map { instant(of: $0) } ?? .start
        timeline.run(until: last + core.clients.clientTimeout + .seconds(10))
    }

    private func instant(of line: CaptureLog.Line) -> Instant {
        .start + .seconds(1) + (line.instant - .start) * clientScale
    }

    private func dongleSent(_ bytes: [UInt8]) {
        for request in GluedRequests.all(in: bytes) {
            sent.append(request)
            runs.asked(request, at: timeline.now)
        }
        dongleSession?.received(bytes)
    }

    private func asked(_ line: CaptureLog.Line) {
        guard let request = RTUFrame(line.bytes) else { return }
        let known = connections.first { $0.name == line.client }
        let connection = known ?? connect(line.client)
        connection.ask(request)
    }

    private func connect(_ name: String) -> CapturedConnection {
        let connection = CapturedConnection(name: name, core: core, line: line)
        connections.append(connection)
        return connection
    }

    /// The broker sends this to the dongle.
    private func forwarded(_ bytes: [UInt8]) {
        let now = timeline.now
        guard let newest = runs.all.last, let copy = newest.copies.last, let latest = line.latest,
            latest.instant == now, latest.reply == bytes, latest.request == newest.request,
            now - copy <= core.clients.serialTimeout
        else {
            stale.append("SHINE \(Double(now.nanoseconds) / 1e9) \(bytes.hexadecimal)")
            return
        }
        runs.answered(at: now)
    }

    private func noteReply() {
        guard let latest = line.latest else { return }
        let leaving = core.clients.serialTiming.time(of: latest.reply.count)
        runs.ended(latest.request, at: timeline.now + leaving)
    }

    private func observe(_ event: BrokerEvent) {
        switch event {
        case .request(let query) where query.client === shine: found.append(query.frame.bytes)
        case .transmitted(let frame, .retry, _):
            // Only a read may be repeated: a repeated write stays a second execution, and is found.
            if frame.pdu.function.isRead { runs.joinRetry(frame.bytes) }
        case .attemptFailed(let query, _, _, _): runs.ended(query.frame.bytes, at: timeline.now)
        default: break
        }
    }
}

extension CaptureWorld {
    var report: CaptureScenario.Report {
        let writes = runs.all.filter(\.isWrite)
        let executed = runs.all.filter { !$0.executions.isEmpty }
        let needless = runs.all.reduce(0) { $0 + $1.needlessExecutions }
        let tcp = connections.map(\.runs)
        let unanswered =
            runs.unanswered.map { ($0, shine.name) }
            + connections.flatMap { connection in connection.runs.unanswered.map { ($0, connection.name) } }
        return CaptureScenario.Report(
            dongle: runs.figures, tcp: ClientFigures(joining: tcp.map(\.figures)), transmissions: line.transmissions,
            writes: writes.count,
            wrongWrites: writes.filter { $0.executions.count != 1 }.map { "\($0.executions.count) × \($0.text)" },
            repeatsExecuted: needless,
            askedAgain: executed.reduce(0) { $0 + $1.executions.count - 1 } - needless,
            repeatsJoined: executed.reduce(0) { $0 + $1.copies.count - $1.executions.count },
            staleReplies: stale + connections.flatMap(\.stale), sentByDongle: sent, foundByBroker: found,
            collisions: line.collisions,
            unanswered: unanswered.sorted { $0.0.copies[0] < $1.0.copies[0] }.map { "\($0.text) \($1)" })
    }
}

extension RequestRuns {
    fileprivate var figures: ClientFigures {
        ClientFigures(requests: all.count, unanswered: unanswered.count, waits: waits)
    }
}

extension RequestRuns.Run {
    fileprivate var text: String { "\(Double(copies[0].nanoseconds) / 1e9) s \(request.hexadecimal)" }
}
