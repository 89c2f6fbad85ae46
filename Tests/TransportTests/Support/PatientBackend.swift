import Broker
import Modbus
import Testing

/// Keeps every query until the test answers it.
final class PatientBackend: QueryPath {
    private(set) var waiting: [(query: Query, owner: any QueryOwner)] = []
    private(set) var withdrawn: [Query.ID] = []
    var whenAsked: () -> Void = {}

    func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination? { nil }

    func submit(_ query: Query, for owner: any QueryOwner) {
        waiting.append((query, owner))
        whenAsked()
    }

    func withdraw(_ query: Query) {
        withdrawn.append(query.id)
        whenAsked()
    }

    /// Answers the oldest query with registers that hold its address.
    func answerOldest() throws {
        let (query, owner) = waiting.removeFirst()
        let address = try #require(query.pdu.word(at: 1))
        let reply = PDU(registers: [address], replyTo: query.pdu.function)
        owner.finished(
            Exchange(
                query: query, result: .success(RTUFrame(unit: query.lineUnit, pdu: reply)), source: .bus,
                finished: query.arrived))
    }

    /// As a unit does it: the reply to the write of one register is the request once more.
    func confirmOldest() {
        let (query, owner) = waiting.removeFirst()
        owner.finished(
            Exchange(
                query: query, result: .success(RTUFrame(unit: query.lineUnit, pdu: query.pdu)), source: .bus,
                finished: query.arrived))
    }
}
