@testable import Broker
import Modbus
import Simulator

/// A ``TCPClientSession`` in virtual time in front of a ``StubBackend``.
final class TCPBench {
    let timeline: VirtualTimeline
    let backend: StubBackend
    let session: TCPClientSession
    private let journal = Journal()
    private let output = Output()

    private final class Output {
        var frames: [TCPFrame] = []
    }

    init(policy: AccessPolicy.Settings? = nil, _ change: (inout ClientSettings) -> Void = { _ in }) {
        let timeline = VirtualTimeline()
        let backend = StubBackend(timeline)
        (self.timeline, self.backend) = (timeline, backend)
        var settings = ClientSettings.usual
        change(&settings)
        let path = AccessPath(to: backend, timeline: timeline)
        path.policy.settings = policy ?? .init()
        session = TCPClientSession(
            client: Client(kind: .tcp, name: "TCP:a:1", address: "a"), path: path,
            settings: settings, timeline: timeline,
            observe: { [journal, timeline] in journal.note($0, at: timeline.now) }
        ) { [output] in output.frames.append($0) }
    }

    func run(_ duration: Duration) { timeline.run(until: timeline.now + duration) }

    func ask(_ pdu: PDU, transaction: UInt16 = 1, unit: UnitIdentifier = 1, arrived: Instant? = nil) {
        session.received(
            TCPFrame(transaction: transaction, unit: unit, pdu: pdu), arrived: arrived ?? timeline.now)
    }

    var replies: [TCPFrame] { output.frames }

    var ends: [BrokerEvent.Delivery] {
        journal.events.compactMap { if case .finished(_, let delivery) = $0.event { delivery } else { nil } }
    }
}
