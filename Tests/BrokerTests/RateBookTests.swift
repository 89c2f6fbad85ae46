@testable import Broker
import Modbus
import Simulator
import Testing

/// What is remembered of addresses, and what happens when somebody looks late.
@Suite struct RateBookTests {
    private let bench = QueryBench()

    private final class NoOwner: QueryOwner {
        func finished(_ exchange: Exchange) {}
    }

    private func entry(_ client: Client, within timeToAnswer: Duration? = nil) -> RateBook.Entry {
        RateBook.Entry(
            query: bench.query(.holding(0), by: client, within: timeToAnswer), owner: NoOwner())
    }

    private func client(_ number: Int) -> Client {
        Client(kind: .tcp, name: "TCP:\(number)", address: "\(number)")
    }

    @Test func `addresses that are quiet are forgotten`() {
        var book = RateBook(1)
        for number in 0..<2000 {
            _ = book.add(entry(client(number)), at: bench.now)
            bench.run(.milliseconds(100))
        }
        #expect(book.addresses <= 64)
    }

    @Test func `of too many addresses those are forgotten that have asked least`() {
        var book = RateBook(0.1)
        for number in 0..<20_000 {
            _ = book.add(entry(client(number)), at: bench.now)
            bench.run(.nanoseconds(1))
            #expect(book.addresses <= RateBook.rememberedAddresses)
        }
        #expect(book.add(entry(client(19_999)), at: bench.now) == nil)
    }

    @Test func `who looks late finds those that expired meanwhile, and all whose turn has come`() {
        var book = RateBook(1)
        let (hurried, patient) = (client(1), client(1))
        _ = book.add(entry(hurried), at: bench.now)
        #expect(book.add(entry(hurried, within: .milliseconds(1100)), at: bench.now) == nil)
        #expect(book.add(entry(patient), at: bench.now) == nil)
        #expect(book.add(entry(patient), at: bench.now) == nil)
        bench.run(.milliseconds(2500))
        let releases = book.releases(at: bench.now)
        #expect(releases.map(\.error) == [.overloaded, nil, nil])
        #expect(book.nextWake == nil)
        #expect(book.count == 0)
    }

    @Test func `it wakes for the next turn, or for a deadline before it`() {
        var book = RateBook(1)
        #expect(book.add(entry(client(1)), at: bench.now)?.error == nil)
        _ = book.add(entry(client(1)), at: bench.now)
        #expect(book.nextWake == .start + .seconds(1))
        _ = book.add(entry(client(1), within: .milliseconds(300)), at: bench.now)
        #expect(book.nextWake == .start + .milliseconds(300))
        bench.run(.milliseconds(300))
        #expect(book.releases(at: bench.now).map(\.error) == [.overloaded])
        #expect(book.nextWake == .start + .seconds(1))
    }

    @Test func `clients of one address take turns, whatever each has waiting`() {
        var book = RateBook(1)
        let (greedy, polite) = (client(1), client(1))
        _ = book.add(entry(greedy), at: bench.now)
        for _ in 0..<5 { _ = book.add(entry(greedy), at: bench.now) }
        for _ in 0..<2 { _ = book.add(entry(polite), at: bench.now) }
        var turns: [Bool] = []
        for _ in 0..<7 {
            bench.run(.seconds(1))
            turns += book.releases(at: bench.now).map { $0.entry.query.client === polite }
        }
        #expect(turns == [false, true, false, true, false, false, false])
    }

    @Test func `a client whose queries are withdrawn or expire loses its turn, and no other does`() {
        var book = RateBook(1)
        let (first, second, third) = (client(1), client(1), client(1))
        _ = book.add(entry(first), at: bench.now)
        let withdrawn = entry(first)
        _ = book.add(withdrawn, at: bench.now)
        _ = book.add(entry(second, within: .milliseconds(500)), at: bench.now)
        for _ in 0..<2 { _ = book.add(entry(third), at: bench.now) }
        _ = book.add(entry(first), at: bench.now)
        #expect(book.remove(withdrawn.query.id) != nil)
        #expect(book.remove(withdrawn.query.id) == nil)
        bench.run(.seconds(3))
        #expect(book.releases(at: bench.now).map(\.error) == [.overloaded, nil, nil, nil])
        #expect(book.count == 0)
    }

    @Test func `turns of several addresses come in their order`() {
        var book = RateBook(1)
        let (first, second) = (client(1), client(2))
        _ = book.add(entry(second), at: bench.now)
        bench.run(.milliseconds(100))
        _ = book.add(entry(first), at: bench.now)
        #expect(book.add(entry(first), at: bench.now) == nil)
        #expect(book.add(entry(second), at: bench.now) == nil)
        bench.run(.seconds(1))
        #expect(book.releases(at: bench.now).map(\.entry.query.client.address) == ["2", "1"])
    }
}
