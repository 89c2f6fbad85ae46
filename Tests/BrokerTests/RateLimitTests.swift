import Broker
import Modbus
import Simulator
import Testing

/// How many queries a second an address may have worked on.
@Suite struct RateLimitTests {
    private let bench = QueryBench()
    private let backend: StubBackend

    init() {
        backend = StubBackend(bench.timeline)
    }

    private func limit(_ rate: Double?) -> RateLimit {
        RateLimit(rate, timeline: bench.timeline, next: backend)
    }

    /// Asks holding registers 0, 1, … in this order.
    private func ask(
        _ count: Int, of limit: any Backend, by client: Client? = nil, within timeToAnswer: Duration? = .seconds(60)
    ) -> [Asked] {
        (0..<count).map { bench.ask(.holding(UInt16($0)), of: limit, by: client, within: timeToAnswer) }
    }

    private var passed: [PDU] { backend.submitted.map(\.pdu) }

    private func reads(_ count: Int) -> [PDU] { (0..<count).map { .holding(UInt16($0)) } }

    @Test func `without a rate everything passes at once`() {
        let limit = limit(nil)
        _ = ask(1000, of: limit)
        #expect(passed == reads(1000))
        #expect(limit.burst == nil)
    }

    @Test(arguments: [(0.5, 1), (1, 1), (1.5, 2), (4, 4), (10_000, 10_000)] as [(Double, Int)])
    func `a second's worth may come at once, at least one`(rate: Double, burst: Int) {
        #expect(limit(rate).burst == burst)
    }

    @Test func `what is beyond the burst waits for its turn, in its order`() {
        let limit = limit(2)
        _ = ask(6, of: limit)
        #expect(passed == reads(2))
        for (index, expected) in [2, 3, 4, 5, 6, 6].enumerated() {
            bench.run(.milliseconds(index == 0 ? 499 : 500))
            #expect(passed == reads(expected))
        }
        #expect(limit.waiting == 0)
    }

    @Test func `a turn comes exactly when its token does`() {
        let limit = limit(1)
        _ = ask(2, of: limit)
        bench.run(.nanoseconds(999_999_999))
        #expect(passed == reads(1))
        bench.run(.nanoseconds(1))
        #expect(passed == reads(2))
    }

    @Test func `in no time are there more than the burst and the rate allow`() {
        let limit = limit(5)
        for index in 0..<400 {
            bench.ask(.holding(UInt16(index)), of: limit, within: .seconds(60))
            bench.run(.milliseconds(20))
        }
        #expect(passed.count == 5 + 5 * 8)
    }

    @Test func `an address that pauses has its burst again`() {
        let limit = limit(3)
        _ = ask(3, of: limit)
        bench.run(.seconds(1))
        _ = ask(4, of: limit)
        #expect(backend.submitted.count == 6)
    }

    @Test func `every address has its own turns, and clients of one address share theirs`() {
        let limit = limit(1)
        let second = Client(kind: .tcp, name: "TCP:10.0.0.1:2", address: "10.0.0.1")
        bench.ask(.holding(0), of: limit, by: bench.tcp)
        bench.ask(.holding(1), of: limit, by: second)
        bench.ask(.holding(2), of: limit, by: bench.other)
        #expect(passed == [.holding(0), .holding(2)])
    }

    @Test func `the dongle and the broker's own reads are not limited`() {
        let limit = limit(1)
        for kind in [Client.Kind.dongle, .background] {
            _ = ask(20, of: limit, by: Client(kind: kind, name: "A", address: "A"))
        }
        #expect(backend.submitted.count == 40)
    }

    @Test(arguments: [Client.Kind.pty, .rtu, .tcp, .udp, .tls])
    func `all others are`(kind: Client.Kind) {
        _ = ask(20, of: limit(1), by: Client(kind: kind, name: "A", address: "A"))
        #expect(backend.submitted.count == 1)
    }

    @Test func `R8 whose turn has not come by its deadline is answered as overloaded then, and not before`() {
        var refused: [UInt16?] = []
        let limit = RateLimit(1, timeline: bench.timeline, next: backend) { event in
            if case .refused(let query, .rate, _) = event { refused.append(query.pdu.word(at: 1)) }
        }
        let asked = ask(5, of: limit, within: .milliseconds(2700))
        bench.run(.milliseconds(2700) - .nanoseconds(1))
        #expect(asked.map(\.error) == [nil, nil, nil, nil, nil])
        #expect(limit.refused == 0)
        bench.run(.nanoseconds(1))
        #expect(asked.map(\.error) == [nil, nil, nil, .overloaded, .overloaded])
        #expect(limit.refused == 2)
        #expect(refused == [3, 4])
        bench.run(.seconds(3))
        #expect(passed == reads(3))
        #expect(limit.waiting == 0)
    }

    @Test func `R8 a turn at the very deadline is too late`() {
        let limit = limit(1)
        let late = ask(2, of: limit, within: .seconds(1))
        bench.run(.seconds(10))
        #expect(late.map(\.error) == [nil, .overloaded])
        let inTime = ask(2, of: limit, within: .seconds(1) + .nanoseconds(1))
        bench.run(.seconds(10))
        #expect(inTime.map(\.error) == [nil, nil])
    }

    @Test func `R8 whose deadline is over when it comes is refused at once`() {
        let limit = limit(1)
        _ = ask(1, of: limit)
        #expect(ask(1, of: limit, within: .zero).map(\.error) == [.overloaded])
    }

    @Test func `a client that asks as fast as it can gets 16 refusals in the time of one request`() {
        let limit = RateLimit(1, timeline: bench.timeline, next: PromptBackend(bench.timeline))
        func askForEver() {
            bench.ask(.holding(0), of: limit, within: .milliseconds(2700)).then = { _ in askForEver() }
        }
        _ = ask(1, of: limit)
        for _ in 0..<16 { askForEver() }
        bench.run(.seconds(27))
        #expect((100...160).contains(limit.refused))
    }

    @Test func `clients of one address take turns`() {
        let limit = limit(1)
        let polite = Client(kind: .tcp, name: "TCP:10.0.0.1:2", address: bench.tcp.address)
        _ = ask(16, of: limit, by: bench.tcp)
        let asked = bench.ask(.holding(99), of: limit, by: polite, within: .milliseconds(2700))
        bench.run(.milliseconds(2699))
        #expect(passed == [.holding(0), .holding(1), .holding(99)])
        #expect(asked.error == nil)
    }

    @Test func `queries without a deadline wait for as long as it takes`() {
        let limit = limit(0.1)
        let asked = ask(4, of: limit, within: nil)
        bench.run(.seconds(29))
        #expect(backend.submitted.count == 3)
        bench.run(.seconds(1))
        #expect(backend.submitted.count == 4)
        #expect(asked.allSatisfy { $0.exchange == nil })
    }

    @Test func `withdrawn while it waits: it is completed, and those behind it come sooner`() {
        let limit = limit(1)
        let asked = ask(4, of: limit)
        limit.withdraw(asked[1].query)
        #expect(asked[1].error == .withdrawn)
        #expect(backend.withdrawn.isEmpty)
        bench.run(.seconds(2))
        #expect(passed == [.holding(0), .holding(2), .holding(3)])
    }

    @Test func `withdrawn after its turn: whoever has it is told`() {
        let limit = limit(1)
        let asked = ask(1, of: limit)
        limit.withdraw(asked[0].query)
        #expect(backend.withdrawn == [asked[0].query.id])
        #expect(asked[0].exchange == nil)
    }

    @Test func `R5 a serial client that moves on takes no turn for what it has given up`() {
        let limit = limit(1)
        let client = SerialBench(bench.timeline, path: DirectPath(to: limit), kind: .pty)
        for address in 0..<5 { client.ask(.holding(UInt16(address))) }
        bench.run(.milliseconds(1100))
        #expect(passed == [.holding(0), .holding(4)])
        #expect(client.ends.count == 3)
    }
}

/// A rate that changes, a limit that is full, and what comes back from within.
@Suite struct RateLimitChangeTests {
    private let bench = QueryBench()
    private let backend: StubBackend
    private let limit: RateLimit

    init() {
        backend = StubBackend(bench.timeline)
        limit = RateLimit(1, timeline: bench.timeline, next: backend)
    }

    private func ask(_ count: Int, within timeToAnswer: Duration? = .seconds(60)) -> [Asked] {
        (0..<count).map { bench.ask(.holding(UInt16($0)), of: limit, within: timeToAnswer) }
    }

    @Test func `without a rate all that wait go, in their order`() {
        _ = ask(5)
        limit.rate = nil
        #expect(backend.submitted.map(\.pdu) == (0..<5).map { .holding($0) })
        #expect(limit.waiting == 0)
    }

    @Test func `at a higher rate they go sooner`() {
        _ = ask(8)
        limit.rate = 4
        #expect(backend.submitted.count == 5)
        bench.run(.milliseconds(250))
        #expect(backend.submitted.count == 6)
    }

    @Test func `R8 at a lower rate more come too late`() {
        limit.rate = 2
        let asked = ask(6, within: .seconds(3))
        limit.rate = 0.5
        bench.run(.seconds(3))
        #expect(asked.map(\.error) == [nil, nil, nil, nil, .overloaded, .overloaded])
        #expect(backend.submitted.count == 4)
    }

    @Test func `the same rate once more changes nothing`() {
        _ = ask(3)
        limit.rate = 1
        #expect(backend.submitted.count == 1)
    }

    @Test func `stopped: all that wait are answered, and so is what comes later`() {
        let asked = ask(3)
        limit.stop()
        #expect(asked.map(\.error) == [nil, .stopping, .stopping])
        #expect(bench.ask(.holding(9), of: limit).error == .stopping)
        bench.run(.seconds(10))
        #expect(backend.submitted.count == 1)
    }

    @Test func `4096 wait at most, and one that goes makes room`() {
        let asked = ask(RateLimit.capacity + 3, within: nil)
        #expect(limit.waiting == RateLimit.capacity)
        #expect(asked.count { $0.error == .overloaded } == 2)
        let elsewhere = bench.ask(.holding(0), of: limit, by: bench.other, within: nil)
        #expect(elsewhere.exchange == nil)
        #expect(bench.ask(.holding(1), of: limit, by: bench.other, within: nil).error == .overloaded)
        bench.run(.seconds(1))
        #expect(bench.ask(.holding(2), of: limit, by: bench.tcp, within: nil).error == nil)
    }

    @Test func `what is asked from within a completion comes behind what waits`() {
        let prompt = PromptBackend(bench.timeline)
        let limit = RateLimit(1, timeline: bench.timeline, next: prompt)
        var numbers: [UInt16] = []
        for number in 0..<3 as Range<UInt16> {
            limit.submit(bench.query(.holding(number))) { _ in
                numbers.append(number)
                guard number < 2 else { return }
                limit.submit(bench.query(.holding(number + 10))) { _ in numbers.append(number + 10) }
            }
        }
        limit.rate = nil
        #expect(numbers == [0, 10, 1, 2, 11])
    }

    @Test func `withdrawn from within the completion of the one before it: it is not sent`() {
        let prompt = PromptBackend(bench.timeline)
        let limit = RateLimit(1, timeline: bench.timeline, next: prompt)
        limit.submit(bench.query(.holding(0))) { _ in }
        let second = bench.query(.holding(2))
        var ends: [BrokerError?] = []
        limit.submit(bench.query(.holding(1))) { _ in limit.withdraw(second) }
        limit.submit(second) { if case .failure(let error) = $0.result { ends.append(error) } }
        limit.rate = nil
        #expect(ends == [.withdrawn])
        #expect(prompt.submitted.map(\.pdu) == [.holding(0), .holding(1)])
    }

    @Test func `stopped from within a completion: each is answered once`() {
        let prompt = PromptBackend(bench.timeline)
        let limit = RateLimit(1, timeline: bench.timeline, next: prompt)
        let asked = (0..<4).map { index in
            let entry = Asked(bench.query(.holding(UInt16(index))), sourceLocation: #_sourceLocation)
            if index == 1 { entry.then = { _ in limit.stop() } }
            limit.submit(entry.query) { entry.complete($0) }
            return entry
        }
        limit.rate = nil
        #expect(asked.map(\.error) == [nil, nil, .stopping, .stopping])
    }

    @Test func `what a completion holds is let go with it, while others of its address wait`() {
        final class Session {}
        struct Weak { weak var session: Session? }
        let limit = RateLimit(1, timeline: bench.timeline, next: PromptBackend(bench.timeline))
        let sessions = (0..<4).map { number in
            let session = Session()
            limit.submit(bench.query(.holding(UInt16(number)))) { _ in withExtendedLifetime(session) {} }
            return Weak(session: session)
        }
        for count in 1...4 {
            #expect(sessions.map { $0.session == nil } == (0..<4).map { $0 < count })
            bench.run(.seconds(1))
        }
    }
}
