@testable import Broker
import Modbus
import Simulator
import Testing

/// A ``SerialClientSession`` in virtual time in front of a backend.
///
/// One character lasts 1 ms; a silence of 25 ms ends a frame.
final class SerialBench {
    let timeline: VirtualTimeline
    let backend: StubBackend
    let client: Client
    private let journal = Journal()
    private let session: SerialClientSession
    private let output = Output()

    private final class Output {
        var frames: [(instant: Instant, bytes: [UInt8])] = []
        /// What has not been fetched from the port.
        var unread: [UInt8] = []
    }

    init(
        _ timeline: VirtualTimeline = VirtualTimeline(), path: (any QueryPath)? = nil, kind: Client.Kind = .dongle,
        _ change: (inout ClientSettings) -> Void = { _ in }
    ) {
        self.timeline = timeline
        client = Client(kind: kind, name: "SHINE", address: "SHINE")
        let backend = StubBackend(timeline)
        self.backend = backend
        var settings = ClientSettings.usual
        settings.serialTiming = LineTiming(baud: 10_000, bitsPerCharacter: 10)
        change(&settings)
        session = SerialClientSession(
            client: client, path: path ?? backend, settings: settings, timeline: timeline,
            observe: { [journal] in journal.note($0, at: timeline.now) },
            send: { [output] in
                output.frames.append((timeline.now, $0))
                output.unread += $0
            }, discardUnread: { [output] in output.unread = [] })
    }

    var now: Instant { timeline.now }

    func run(_ duration: Duration) { timeline.run(until: now + duration) }

    func receive(_ bytes: [UInt8]) { session.received(bytes) }

    /// The client asks this, in one piece.
    func ask(_ pdus: PDU..., unit: UnitIdentifier = 1) {
        session.received(pdus.flatMap { RTUFrame(unit: unit, pdu: $0).bytes })
    }

    func openPort(isPseudoTerminal: Bool) { session.portOpened(isPseudoTerminal: isPseudoTerminal) }

    func openStream() { session.streamOpened() }

    func closePort() { session.portClosed() }

    /// What the client was told.
    var heard: [PDU] { output.frames.compactMap { RTUFrame($0.bytes)?.pdu } }

    var frames: [RTUFrame] { output.frames.compactMap { RTUFrame($0.bytes) } }

    /// What is left in a port whose client fetches nothing: one reply, or none.
    var unread: [RTUFrame] { output.unread.isEmpty ? [] : [RTUFrame(output.unread)].compactMap(\.self) }

    var heardAt: [Instant] { output.frames.map(\.instant) }

    /// What was asked of the backend.
    var submitted: [PDU] { backend.submitted.map(\.pdu) }

    /// The ends of its requests, in order.
    var ends: [BrokerEvent.Delivery] {
        journal.events.compactMap { if case .finished(_, let delivery) = $0.event { delivery } else { nil } }
    }

    func discarded(_ reason: BrokerEvent.DiscardReason) -> [UInt8] {
        journal.events.flatMap { if case .discarded(let bytes, _, reason) = $0.event { bytes } else { [UInt8]() } }
    }

    /// Every request that came must have ended exactly once.
    func expectEachEndedOnce(sourceLocation: SourceLocation = #_sourceLocation) {
        var asked: [Query.ID: Int] = [:]
        for (_, event) in journal.events {
            if case .request(let query) = event { asked[query.id, default: 0] += 1 }
            if case .finished(let exchange, _) = event { asked[exchange.query.id, default: 0] -= 1 }
        }
        #expect(asked.values.allSatisfy { $0 == 0 }, sourceLocation: sourceLocation)
    }
}
