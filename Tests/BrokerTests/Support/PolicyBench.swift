import Broker
import Modbus
import Testing

/// An ``AccessPolicy`` in front of a backend that answers when the test says so.
final class PolicyBench {
    let queries = QueryBench()
    let backend: StubBackend
    let policy: AccessPolicy
    private(set) var refusals: [AccessPolicy.Refusal] = []

    init() {
        backend = StubBackend(queries.timeline)
        var note: (BrokerEvent) -> Void = { _ in }
        policy = AccessPolicy(.init(), timeline: queries.timeline, next: backend) { note($0) }
        note = { [unowned self] event in
            if case .refused(_, .access(let refusal), _) = event { refusals.append(refusal) }
        }
    }

    /// - Returns: why it was refused, without the line; nil: it was handed on.
    func ask(_ pdu: PDU, unit: UnitIdentifier = 1, by client: Client? = nil) -> BrokerError? {
        let before = backend.submitted.count
        let error = queries.ask(pdu, of: policy, unit: unit, by: client).error
        #expect((backend.submitted.count == before) == (error != nil), "refused and handed on, or neither")
        return error
    }
}
