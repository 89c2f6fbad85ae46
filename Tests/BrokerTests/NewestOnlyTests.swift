import Broker
import Modbus
import Testing

/// R8: a TCP client of a listener with `newest-only`.
@Suite struct NewestOnlyTests {
    private let bench = TCPBench { $0.answersNewestOnly = true }

    init() { bench.backend.completesWithdrawn = true }

    @Test func `R8 a newer request takes the place of an older read`() {
        bench.ask(.holding(0), transaction: 1)
        bench.ask(.holding(1), transaction: 2)
        #expect(bench.backend.withdrawn.count == 1)
        bench.backend.answer(.holding(1))
        #expect(bench.replies.map(\.transaction) == [2])
        #expect(bench.ends == [.superseded, .delivered])
        #expect(bench.session.outstanding == 0)
    }

    @Test func `R8 the reply to what was on the line already is not given to anybody`() {
        bench.backend.completesWithdrawn = false
        bench.ask(.holding(0), transaction: 1)
        bench.ask(.holding(1), transaction: 2)
        bench.backend.answer(.holding(0))
        #expect(bench.replies.isEmpty)
        bench.backend.answer(.holding(1))
        #expect(bench.replies.map(\.transaction) == [2])
        #expect(bench.ends == [.superseded, .delivered])
    }

    @Test func `R8 a write is sent all the same, and only its answer is not given`() {
        bench.ask(.write(0, 1), transaction: 1)
        bench.ask(.holding(1), transaction: 2)
        #expect(bench.backend.withdrawn.isEmpty)
        bench.backend.answer(.write(0, 1))
        bench.backend.answer(.holding(1))
        #expect(bench.replies.map(\.transaction) == [2])
        #expect(bench.ends == [.superseded, .delivered])
    }

    @Test func `R8 the same read with a newer transaction joins, and is answered alone`() {
        for transaction in UInt16(1)...4 { bench.ask(.holding(0), transaction: transaction) }
        #expect(bench.backend.submitted.count == 1)
        #expect(bench.session.outstanding == 2)
        bench.backend.answer(.holding(0))
        #expect(bench.replies.map(\.transaction) == [4])
        #expect(bench.ends == [.superseded, .superseded, .superseded, .delivered])
        #expect(bench.session.outstanding == 0)
    }

    @Test func `R8 an answer that is held is not given any more`() {
        bench.ask(.holding(0), transaction: 1)
        bench.backend.answer(.holding(0), .failure(.overloaded))
        bench.ask(.holding(1), transaction: 2)
        bench.backend.answer(.holding(1))
        bench.run(.seconds(10))
        #expect(bench.replies.map(\.transaction) == [2])
    }

    @Test func `R8 a repetition with the same transaction is answered`() {
        bench.ask(.holding(0), transaction: 1)
        bench.ask(.holding(0), transaction: 1)
        bench.backend.answer(.holding(0))
        #expect(bench.replies.map(\.transaction) == [1])
    }
}
