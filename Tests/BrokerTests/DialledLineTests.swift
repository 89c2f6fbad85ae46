import Broker
import Testing

/// Decision 19: which connection is the line where a server dials in.
@Suite struct DialledLineTests {
    private var decision = DialledLine()

    private mutating func come(_ connections: ClosedRange<Int>) -> [Int] {
        connections.compactMap { decision.came($0) }
    }

    /// Asks, and gets the answer.
    private mutating func exchange() -> Int? {
        defer { decision.answered() }
        return decision.asking()
    }

    @Test mutating func `the first connection is the line, and later ones wait`() {
        #expect(decision.line == nil && decision.asking() == nil)
        #expect(come(1...3) == [])
        #expect(decision.line == 1 && decision.waiting == [2, 3])
    }

    @Test mutating func `as long as every request is answered none takes over`() {
        _ = come(1...3)
        for _ in 0..<100 { #expect(exchange() == nil) }
        #expect(decision.line == 1 && decision.waiting == [2, 3])
    }

    @Test mutating func `a request that is on its way is not unanswered yet`() {
        _ = come(1...1)
        #expect(decision.asking() == nil)
        #expect(come(2...2) == [])
        decision.answered()
        #expect(exchange() == nil)
        #expect(decision.line == 1)
    }

    @Test mutating func `behind a request without an answer the next one goes to the newest`() {
        _ = come(1...3)
        #expect(decision.asking() == nil)
        #expect(decision.asking() == 1)
        #expect(decision.line == 3 && decision.waiting == [2])
        decision.answered()
        #expect(exchange() == nil)
        #expect(decision.line == 3)
    }

    @Test mutating func `it is no matter whether the newer one came before or behind the unanswered request`() {
        _ = come(1...1)
        for _ in 0..<3 { #expect(decision.asking() == nil) }
        #expect(come(2...2) == [])
        #expect(decision.line == 1, "nothing is to be sent")
        #expect(decision.asking() == 1)
        #expect(decision.line == 2)
    }

    @Test mutating func `those that were left behind are passed over one by one until one answers`() {
        _ = come(1...4)
        #expect(decision.asking() == nil)
        #expect((0..<3).map { _ in decision.asking() } == [1, 4, 3])
        #expect(decision.asking() == nil)
        #expect(decision.line == 2)
    }

    @Test mutating func `an answer counts for the request before it alone`() {
        _ = come(1...2)
        #expect(exchange() == nil)
        #expect(decision.asking() == nil)
        #expect(decision.asking() == 1)
    }

    @Test mutating func `what an older connection has left unanswered is not held against the next line`() {
        _ = come(1...1)
        #expect(decision.asking() == nil)
        #expect(decision.lost(1) == .line)
        _ = come(2...3)
        #expect(decision.asking() == nil)
        #expect(decision.line == 2)
    }

    @Test mutating func `of more than four the one is closed that has waited longest`() {
        #expect(come(1...5) == [])
        #expect(decision.waiting == [2, 3, 4, 5])
        #expect(come(6...7) == [2, 3])
        #expect(decision.line == 1 && decision.waiting == [4, 5, 6, 7])
    }

    @Test mutating func `one that waits and is gone makes room, and is never the line`() {
        _ = come(1...5)
        #expect(decision.lost(5) == .waiting)
        #expect(come(6...6) == [])
        #expect(decision.lost(6) == .waiting)
        #expect(decision.lost(1) == .replaced)
        #expect(decision.line == 4 && decision.waiting == [2, 3])
    }

    @Test
    mutating func `where the line is lost without a request on its way, the newest is the line and nothing is lost`() {
        _ = come(1...3)
        #expect(exchange() == nil)
        #expect(decision.lost(1) == .replaced)
        #expect(decision.line == 3 && decision.waiting == [2])
        #expect(exchange() == nil)
    }

    @Test mutating func `where a request is on its way it is lost with the line, and the newest is the line`() {
        _ = come(1...2)
        #expect(decision.asking() == nil)
        #expect(decision.lost(1) == .line)
        #expect(decision.line == 2)
        #expect(decision.asking() == nil)
    }

    @Test mutating func `without another connection the line is lost, and the next to come is the line`() {
        _ = come(1...1)
        #expect(exchange() == nil)
        #expect(decision.lost(1) == .line)
        #expect(decision.line == nil && decision.asking() == nil)
        #expect(come(2...2) == [])
        #expect(decision.line == 2)
    }

    @Test mutating func `a connection that was closed for another is lost without a consequence`() {
        _ = come(1...2)
        #expect(decision.asking() == nil)
        #expect(decision.asking() == 1)
        #expect(decision.lost(1) == .waiting)
        #expect(decision.line == 2)
    }
}
