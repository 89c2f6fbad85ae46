@testable import Broker
import Modbus
import Testing

/// R13: whose turn it is.
@Suite final class QueryQueueTests {
    private var queue = QueryQueue()
    private var number: UInt64 = 0

    private static let serial = Client(kind: .dongle, name: "SHINE", address: "SHINE")
    private static let tcp = Client(kind: .tcp, name: "TCP:a:1", address: "a")
    private static let background = Client(kind: .background, name: "POLL", address: "POLL")
    private static let writer = Client(kind: .tcp, name: "TCP:w:1", address: "w")

    private func append(_ client: Client, _ pdu: PDU = .holding(0), deadline: Instant? = nil) {
        number += 1
        let query = Query(
            number: number, client: client, unit: 1, pdu: pdu, isRead: Bench.shapes.isRead(pdu.function),
            arrived: .start, deadline: deadline)
        queue.append(QueryQueue.Entry(query: query, done: { _ in }))
    }

    private func next(where maySend: (Query) -> Bool = { _ in true }) -> Query? {
        queue.nextTurn(where: maySend).map { queue.take($0).query }
    }

    private func remove(_ client: Client, _ number: UInt64) -> Query? {
        queue.remove(Query.ID(client: client, number: number))?.query
    }

    private func names(_ count: Int) -> [String] { (0..<count).compactMap { _ in next()?.client.name } }

    @Test func `R13 writes go first, then the serial client, then TCP clients, then background reads`() {
        append(Self.background)
        append(Self.tcp)
        append(Self.serial)
        append(Self.writer, .write(0, 1))
        #expect(names(5) == ["TCP:w:1", "SHINE", "TCP:a:1", "POLL"])
        #expect(queue.count == 0)
    }

    /// 2, 3 and 4 classes that always wait.
    static let crowds: [[Int]] = [
        [0, 1], [0, 3], [1, 2], [2, 3], [0, 1, 2], [1, 2, 3], [0, 2, 3], [0, 1, 2, 3],
    ]

    @Test(arguments: crowds)
    func `R13 every class that waits gets at least one exchange in four`(classes: [Int]) {
        let clients = [Self.writer, Self.serial, Self.tcp, Self.background]
        var turns: [String] = []
        for _ in 0..<1000 {
            for rank in classes { append(clients[rank], rank == 0 ? .write(0, 1) : .holding(0)) }
            turns += names(1)
        }
        for rank in classes {
            let name = clients[rank].name
            for start in 0...(turns.count - 4) where !turns[start..<(start + 4)].contains(name) {
                Issue.record("\(name) has no turn in \(turns[start..<(start + 4)])")
                return
            }
        }
    }

    @Test func `R13 a class gets more than its fourth only after those before it`() {
        for _ in 0..<1000 {
            append(Self.serial)
            append(Self.background)
        }
        let turns = names(1000)
        #expect(turns.count { $0 == "SHINE" } == 750)
        #expect(turns.count { $0 == "POLL" } == 250)
    }

    @Test func `R13 a client stands in the class of its oldest query`() {
        append(Self.tcp, .holding(0))
        append(Self.tcp, .write(0, 1))
        append(Self.serial)
        #expect(next()?.client === Self.serial)
        #expect(next()?.pdu == .holding(0))
        append(Self.serial)
        #expect(next()?.pdu == .write(0, 1))
    }

    @Test func `R13 the queries of a client keep their order`() {
        for address in 0..<20 {
            append(Self.tcp, address % 3 == 0 ? .write(UInt16(address), 1) : .holding(UInt16(address)))
        }
        let order = (0..<20).compactMap { _ in next()?.pdu.word(at: 1) }
        #expect(order == Array(0..<20))
    }

    @Test func `R13 turns go round by address, not by connection`() {
        let many = (0..<9).map { Client(kind: .tcp, name: "TCP:greedy:\($0)", address: "greedy") }
        let one = Client(kind: .tcp, name: "TCP:modest:1", address: "modest")
        for _ in 0..<10 {
            for client in many { append(client) }
            append(one)
        }
        let turns = names(20)
        #expect(turns.count { $0 == "TCP:modest:1" } == 10)
        #expect(Set(turns).count == 10, "the connections of one address take turns, too: \(turns)")
    }

    @Test func `R13 an address that has just had its turn comes last, with a new connection too`() {
        let others = ["b", "c"].map { Client(kind: .tcp, name: "TCP:\($0):1", address: $0) }
        append(Self.tcp)
        #expect(names(1) == ["TCP:a:1"])
        append(Client(kind: .tcp, name: "TCP:a:2", address: "a"))
        for client in others { append(client) }
        #expect(names(3) == ["TCP:b:1", "TCP:c:1", "TCP:a:2"])
    }

    @Test func `R13 what may not be sent now is passed over and keeps its place`() {
        append(Self.serial, .holding(1))
        append(Self.tcp, .holding(2))
        let isSendable: (Query) -> Bool = { $0.pdu != .holding(1) }
        #expect(next(where: isSendable)?.pdu == .holding(2))
        #expect(next(where: isSendable) == nil)
        #expect(next()?.pdu == .holding(1))
    }

    @Test func `R13 a blocked query holds up those behind it of its own client only`() {
        append(Self.tcp, .holding(1))
        append(Self.tcp, .input(2))
        append(Self.background, .input(3))
        #expect(next { $0.pdu != .holding(1) }?.pdu == .input(3))
        #expect(next { $0.pdu != .holding(1) } == nil)
        #expect(queue.count == 2)
    }

    @Test func `R13 thousands of addresses are forgotten again`() throws {
        for index in 0..<10_000 {
            append(Client(kind: .tcp, name: "TCP:\(index)", address: "\(index)"))
            #expect(next() != nil)
        }
        let remembered = Mirror(reflecting: queue).children.first { $0.label == "lastTurn" }?.value
        let turns = try #require(remembered as? [String: UInt64])
        #expect(turns.count <= 2048)
        #expect(turns["9999"] != nil && turns["0"] == nil)
    }

    @Test func `R8 what has expired is taken out, and the earliest deadline follows`() {
        append(Self.tcp, .holding(0), deadline: .start + .seconds(1))
        append(Self.serial, .holding(1), deadline: .start + .seconds(3))
        append(Self.background)
        #expect(queue.earliestDeadline == .start + .seconds(1))
        let removed = queue.removeAll { $0.deadline == .start + .seconds(1) }
        #expect(removed.map(\.query.pdu) == [.holding(0)])
        #expect(queue.count == 2)
        #expect(queue.earliestDeadline == .start + .seconds(3))
    }

    @Test func `R8 one query is withdrawn by its name`() {
        append(Self.tcp, .holding(0))
        append(Self.tcp, .holding(1))
        #expect(remove(Self.tcp, 1)?.pdu == .holding(0))
        #expect(remove(Self.tcp, 1) == nil)
        #expect(remove(Self.serial, 2) == nil)
        #expect(queue.count == 1)
    }

    @Test func `R8 how many go first counts each other address at most as often as the own`() {
        let query = Query(
            number: 99, client: Self.tcp, unit: 1, pdu: .holding(0), isRead: true, arrived: .start, deadline: nil)
        for _ in 0..<5 { append(Client(kind: .tcp, name: "TCP:b", address: "b")) }
        append(Self.background)
        #expect(queue.ahead(of: query) == 1)
        append(Self.tcp)
        #expect(queue.ahead(of: query) == 1 + 2)
        append(Self.serial)
        #expect(queue.ahead(of: query) == 1 + 2 + 1)
    }
}
