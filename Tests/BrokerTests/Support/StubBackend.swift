import Broker
import Modbus
import Simulator

/// A backend that answers when the test says so.
final class StubBackend: QueryPath {
    private let timeline: VirtualTimeline
    private var open: [(query: Query, owner: any QueryOwner)] = []
    private(set) var submitted: [Query] = []
    private(set) var withdrawn: [Query.ID] = []
    /// Whether what is withdrawn was waiting, and is completed at once; else it is on the line.
    var completesWithdrawn = false

    init(_ timeline: VirtualTimeline) {
        self.timeline = timeline
    }

    func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination? { nil }

    func submit(_ query: Query, for owner: any QueryOwner) {
        submitted.append(query)
        open.append((query, owner))
    }

    func withdraw(_ query: Query) {
        withdrawn.append(query.id)
        if completesWithdrawn { finish(query.id, .failure(.withdrawn)) }
    }

    /// Completes the oldest open query with this PDU that has not been completed.
    func answer(_ pdu: PDU, _ result: Result<RTUFrame, BrokerError>) {
        guard let entry = open.first(where: { $0.query.pdu == pdu }) else { return }
        finish(entry.query.id, result)
    }

    func answer(_ pdu: PDU, value: UInt16 = 0x1234) {
        answer(pdu, .success(Unit.reply(to: RTUFrame(unit: 1, pdu: pdu), value: value)))
    }

    private func finish(_ id: Query.ID, _ result: Result<RTUFrame, BrokerError>) {
        guard let index = open.firstIndex(where: { $0.query.id == id }) else { return }
        let (query, owner) = open.remove(at: index)
        if case .failure(let error) = result, error != .noReply, error != .expiredOnLine {
            return owner.finished(.failed(query, error, at: timeline.now))
        }
        owner.finished(
            Exchange(
                query: query, result: result, source: .bus, attempts: 1, sent: query.arrived, finished: timeline.now)
        )
    }
}
