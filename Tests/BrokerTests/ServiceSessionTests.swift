import Modbus
import Simulator
import Testing

@testable import Broker

/// A service of the process that asks for others.
@Suite struct ServiceSessionTests {
    private let timeline = VirtualTimeline()
    private let backend: StubBackend
    private let session: ServiceSession
    private let journal = Journal()

    /// What came of the queries, by their numbers.
    private final class Answers {
        var all: [UInt64: [Result<PDU, BrokerError>]] = [:]
    }

    private let answers = Answers()

    init() {
        backend = StubBackend(timeline)
        session = ServiceSession(
            client: Client(kind: .service, name: "SERVICE:test", address: "SERVICE:test"), path: backend,
            timeline: timeline
        ) { [journal, timeline] in journal.note($0, at: timeline.now) }
    }

    private func ask(_ number: UInt64, _ pdu: PDU) {
        session.ask(number, pdu, of: 1, timeToAnswer: .seconds(4)) { [answers] in
            answers.all[number, default: []].append($0)
        }
    }

    private var deliveries: [BrokerEvent.Delivery] {
        journal.events.compactMap { if case .finished(_, let delivery) = $0.event { delivery } else { nil } }
    }

    @Test func `a reply comes back once, and both ends are told`() throws {
        ask(1, .holding(3))
        #expect(backend.submitted.map(\.deadline) == [timeline.now + .seconds(4)])
        #expect(answers.all.isEmpty && session.outstanding == 1)
        backend.answer(.holding(3))
        #expect(answers.all[1]?.count == 1)
        #expect(try answers.all[1]?.first?.get().word(at: 2) == 0x1234)
        #expect(deliveries == [.delivered] && journal.events.count == 2)
        #expect(session.outstanding == 0)
    }

    @Test func `more than 16 at once are refused, and malformed requests never asked`() {
        for number in 0..<UInt64(ServiceSession.maximumOutstanding) { ask(number, .holding(UInt16(number))) }
        ask(99, .holding(99))
        #expect(answers.all[99] == [.failure(.overloaded)])
        backend.answer(.holding(0))
        ask(100, PDU(read: .readHoldingRegisters, address: 0, quantity: 0))
        guard case .failure(.malformed)? = answers.all[100]?.first else {
            Issue.record("it was not refused as malformed")
            return
        }
        #expect(backend.submitted.count == ServiceSession.maximumOutstanding)
    }

    @Test func `what is withdrawn ends once, and nobody is said to have got it`() {
        backend.completesWithdrawn = true
        ask(1, .holding(1))
        session.withdraw(1)
        session.withdraw(1)
        #expect(answers.all[1] == [.failure(.withdrawn)])
        #expect(deliveries == [.suppressed] && backend.withdrawn.count == 1)
    }

    @Test func `what is withdrawn while it is on the line ends with its exchange`() {
        ask(1, .holding(1))
        session.withdraw(1)
        #expect(answers.all.isEmpty)
        backend.answer(.holding(1))
        #expect(answers.all[1]?.count == 1 && deliveries == [.suppressed])
    }
}
