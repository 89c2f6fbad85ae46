import Broker
import Modbus
import Testing

@testable import Gateway

@Suite struct RecentOutcomesTests {
    private static let answer = Result<RTUFrame, BrokerError>.success(
        RTUFrame(unit: 1, pdu: PDU(registers: [7], replyTo: .readHoldingRegisters)))
    private static let exception = Result<RTUFrame, BrokerError>.success(
        RTUFrame(unit: 1, pdu: PDU(exception: .illegalDataAddress, to: .readHoldingRegisters)))

    private func at(_ milliseconds: Int) -> Instant { Instant.start + .milliseconds(milliseconds) }

    @Test func `what has ended within the last 60 s is counted, and nothing older`() {
        var recent = RecentOutcomes()
        #expect(recent.counts(at: at(0)) == .init())
        recent.note(Self.answer, at: at(500))
        recent.note(Self.exception, at: at(1500))
        recent.note(.failure(.noReply), at: at(1999))
        #expect(recent.counts(at: at(2000)) == .init(answered: 1, exceptions: 1, failed: 1))
        #expect(recent.counts(at: at(59_999)) == .init(answered: 1, exceptions: 1, failed: 1))
        #expect(recent.counts(at: at(60_000)) == .init(answered: 0, exceptions: 1, failed: 1))
        #expect(recent.counts(at: at(61_000)) == .init())
    }

    @Test func `a second takes the place of the one a minute before`() {
        var recent = RecentOutcomes()
        for second in 0..<600 {
            for _ in 0..<5 { recent.note(Self.answer, at: at(second * 1000)) }
        }
        #expect(recent.counts(at: at(599_500)).answered == 300)
        #expect(recent.counts(at: at(629_500)).answered == 150)
    }

    @Test func `who asked it again, or is gone, waits for nothing, and that is no failure`() {
        var recent = RecentOutcomes()
        recent.note(.failure(.withdrawn), at: at(0))
        #expect(recent.counts(at: at(0)) == .init())
        for error in [BrokerError.overloaded, .unavailable, .silentUnit, .refused(.illegalFunction)] {
            recent.note(.failure(error), at: at(0))
        }
        #expect(recent.counts(at: at(0)).failed == 4)
    }

    @Test func `two are added second by second, and the newer one holds where they meet`() {
        var (first, second) = (RecentOutcomes(), RecentOutcomes())
        first.note(Self.answer, at: at(1000))
        first.note(Self.answer, at: at(63_000))
        second.note(Self.answer, at: at(61_000))
        second.note(Self.answer, at: at(3000))
        second.note(Self.answer, at: at(63_000))
        first.add(second)
        #expect(first.counts(at: at(63_000)).answered == 3)
        first.add(RecentOutcomes())
        #expect(first.counts(at: at(63_000)).answered == 3)
    }

    @Test(arguments: [Instant.distantPast, .start, .distantFuture])
    func `no instant is beyond it`(_ instant: Instant) {
        var recent = RecentOutcomes()
        recent.note(Self.answer, at: instant)
        #expect(recent.counts(at: instant).answered == 1)
        #expect(recent.counts(at: instant + .seconds(60)).answered == (instant == .distantFuture ? 1 : 0))
    }

    @Test func `a client that loses its place takes its last minute to the others`() {
        var clients = ClientStatistics()
        for host in 0...256 {
            let client = Client(kind: .tcp, name: "TCP:\(host):1", address: "\(host)")
            let query = Query(
                number: 1, client: client, unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 0, quantity: 1),
                isRead: true, arrived: at(host), deadline: nil)
            clients.note(.request(query), at: at(host))
            let exchange = Exchange(query: query, result: Self.answer, source: .bus, attempts: 1, finished: at(host))
            clients.note(.finished(exchange, .delivered), at: at(host))
        }
        #expect(clients.clients["0"] == nil)
        #expect(clients.clients["256"]?.recent.counts(at: at(1000)).answered == 1)
        #expect(clients.others?.recent.counts(at: at(1000)).answered == 1)
    }
}
