internal import Broker
internal import Modbus
internal import NIOCore
internal import SerialLine
internal import Simulator
internal import Transport

/// Simulated units behind a pseudo-terminal with a chosen name, for any program that speaks RTU.
final class SimulatedUnitPort {
    private let path: String
    private let loop: any EventLoop
    private let report: (String) -> Void
    private let ports: any GatewayPorts
    private var port: (any SimulatedEnd)?
    private var line: SimulatedLine?
    private let baud: Int?
    private var garbling = LineGarbling(seed: 0)

    /// - Parameters:
    ///   - baud: whoever has set the port to another speed, or to two stop bits, hears and sends garbage; nil: nobody does.
    ///   - observe: told of every request that a unit hears, and of its answer.
    /// - Throws: `SerialLineError` if the name cannot be had.
    init(
        _ path: String, baud: Int?, _ settings: SimulatedLine.Settings, units: [(UnitIdentifier, any SimulatedUnit)],
        faults: FaultInjector?, loop: any EventLoop, ports: any GatewayPorts, report: @escaping (String) -> Void,
        observe: @escaping (BrokerEvent) -> Void
    ) throws {
        self.path = path
        self.baud = baud
        self.loop = loop
        self.ports = ports
        self.report = report
        port = try ports.simulatedEnd(loop, link: path)
        let timeline = EventLoopTimeline(loop)
        let client = Client(kind: .pty, name: "PTY:\(path)", address: path)
        let journal = UnitJournal(client, timeline: timeline, observe: observe)
        let line = SimulatedLine(
            settings: settings, timeline: timeline, random: RandomSource(seed: 0),
            units: units.map { name, unit in
                (name, { request in journal.note(request, to: name, unit.answer(request, at: timeline.now)) })
            }
        ) { [weak self] in self?.send($0) }
        line.replyTime = { name, request in units.first { $0.0 == name }?.1.replyTime(to: request) }
        line.faults = faults
        line.onUnplug = { [weak self] in self?.unplug(for: $0) }
        self.line = line
    }

    func open() {
        port?.open { [weak self] in self?.received($0) }
        report("\(path): units answer here")
    }

    /// See ``SimulatedEnd/renewLink()``.
    func renewLink() { port?.renewLink() }

    func close() {
        port?.close()
        port = nil
        line = nil
    }

    private func received(_ bytes: [UInt8]) {
        let heard = fits ? bytes : garbling.garbled(bytes)
        if !heard.isEmpty { line?.transmit(heard) }
    }

    private func send(_ bytes: [UInt8]) {
        port?.write(fits ? bytes : garbling.garbled(bytes))
    }

    /// Whether the other end has the line's own speed and one stop bit.
    private var fits: Bool {
        guard let baud, let mode = port?.mode else { return true }
        return mode.baud == baud && mode.format?.stopBits == .one
    }

    /// The port vanishes, and comes back under the same name.
    private func unplug(for duration: Duration) {
        port?.close()
        port = nil
        report("\(path): unplugged by a fault")
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(duration.nanoseconds)) { [weak self] in self?.plugIn() }
    }

    private func plugIn() {
        guard line != nil else { return }
        do {
            port = try ports.simulatedEnd(loop, link: path)
            open()
        } catch {
            report("\(path): \(error)")
        }
    }
}

/// Tells of requests that reach units without a session.
private final class UnitJournal {
    private let client: Client
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private var number: UInt64 = 0

    init(
        _ client: Client, timeline: any Timeline, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.client = client
        self.timeline = timeline
        self.observe = observe
    }

    /// - Returns: the reply.
    func note(_ request: PDU, to unit: UnitIdentifier, _ reply: PDU?) -> PDU? {
        number += 1
        let now = timeline.now
        let query = Query(
            number: number, client: client, unit: unit, pdu: request, isRead: request.function.isRead,
            arrived: now, deadline: nil)
        observe(.request(query))
        let result: Result<RTUFrame, BrokerError> =
            reply.map { .success(RTUFrame(unit: unit, pdu: $0)) } ?? .failure(.noReply)
        observe(
            .finished(
                Exchange(query: query, result: result, source: .bus, attempts: 1, sent: now, finished: now),
                reply == nil ? .suppressed : .delivered))
        return reply
    }
}
