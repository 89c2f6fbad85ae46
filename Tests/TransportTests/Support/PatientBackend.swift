import Broker
import Modbus
import Testing

/// Keeps every query until the test answers it.
final class PatientBackend: Backend {
    private(set) var waiting: [(query: Query, done: (Exchange) -> Void)] = []
    private(set) var withdrawn: [Query.ID] = []
    var whenAsked: () -> Void = {}

    func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        waiting.append((query, done))
        whenAsked()
    }

    func withdraw(_ id: Query.ID) {
        withdrawn.append(id)
        whenAsked()
    }

    /// Answers the oldest query with registers that hold its address.
    func answerOldest() throws {
        let (query, done) = waiting.removeFirst()
        let address = try #require(query.pdu.word(at: 1))
        let reply = PDU(registers: [address], replyTo: query.pdu.function)
        done(
            Exchange(
                query: query, result: .success(RTUFrame(unit: query.unit, pdu: reply)), source: .bus,
                finished: query.arrived))
    }

    /// As a unit does it: the reply to the write of one register is the request once more.
    func confirmOldest() {
        let (query, done) = waiting.removeFirst()
        done(
            Exchange(
                query: query, result: .success(RTUFrame(unit: query.unit, pdu: query.pdu)), source: .bus,
                finished: query.arrived))
    }
}
