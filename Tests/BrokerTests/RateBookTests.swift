@testable import Broker
import Modbus
import Simulator
import Testing

/// What is remembered of addresses, and what happens when somebody looks late.
@Suite struct RateBookTests {
    private let bench = QueryBench()
    private let backend: StubBackend

    init() {
        backend = StubBackend(bench.timeline)
    }

    private func entry(_ client: Client, within timeToAnswer: Duration? = nil) -> RateBook.Entry {
        RateBook.Entry(
            query: bench.query(.holding(0), by: client, within: timeToAnswer), done: { _ in }, next: backend)
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

    @Test func `who looks late finds all whose turn has come, and those that expired meanwhile`() {
        var book = RateBook(1)
        let (hurried, patient) = (client(1), client(1))
        _ = book.add(entry(hurried), at: bench.now)
        #expect(book.add(entry(hurried, within: .milliseconds(1100)), at: bench.now) == nil)
        #expect(book.add(entry(patient), at: bench.now) == nil)
        #expect(book.add(entry(patient), at: bench.now) == nil)
        bench.run(.milliseconds(2500))
        let releases = book.releases(at: bench.now)
        #expect(releases.map(\.error) == [.expired, nil])
        #expect(book.nextTurn == .start + .seconds(3))
        #expect(book.count == 1)
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
