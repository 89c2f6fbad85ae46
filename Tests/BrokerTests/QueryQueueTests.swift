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
            number: number, client: client, unit: 1, pdu: pdu, isRead: pdu.function.isRead,
            arrived: .start, deadline: deadline)
        queue.append(QueryQueue.Entry(query: query, owner: nil))
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
        for client in others { append(client) }
        #expect(names(1) == ["TCP:a:1"])
        append(Client(kind: .tcp, name: "TCP:a:2", address: "a"))
        #expect(names(3) == ["TCP:b:1", "TCP:c:1", "TCP:a:2"])
    }

    @Test func `R13 a connection that dials anew for each query does not go before one that stays`() {
        let polite = Client(kind: .tcp, name: "TCP:a:polite", address: "a")
        var turns: [String] = []
        for number in 0..<7 { append(Client(kind: .tcp, name: "TCP:a:\(number)", address: "a")) }
        append(polite)
        for number in 7..<80 {
            turns += names(1)
            append(turns.last == polite.name ? polite : Client(kind: .tcp, name: "TCP:a:\(number)", address: "a"))
        }
        #expect(turns.count { $0 == polite.name } == 9)
    }

    @Test func `R13 who is new stands as if it had just had a turn`() {
        let others = (0..<3).map { Client(kind: .tcp, name: "TCP:\($0):1", address: "\($0)") }
        for client in others { append(client) }
        #expect(names(3) == ["TCP:0:1", "TCP:1:1", "TCP:2:1"])
        append(Client(kind: .tcp, name: "TCP:new:1", address: "new"))
        for client in others { append(client) }
        #expect(names(4) == ["TCP:0:1", "TCP:1:1", "TCP:2:1", "TCP:new:1"])
    }

    @Test func `R13 who was refused keeps its place`() throws {
        let others = ["b", "c"].map { Client(kind: .tcp, name: "TCP:\($0):1", address: $0) }
        for client in [Self.tcp] + others { append(client) }
        let turn = try #require(queue.nextTurn(where: { _ in true }))
        #expect(queue.drop(turn).query.client === Self.tcp)
        append(Self.tcp)
        #expect(names(3) == ["TCP:a:1", "TCP:b:1", "TCP:c:1"])
    }

    @Test func `R4 an identical read does not go again and again while another waits for the end of its debt`() {
        let other = Client(kind: .tcp, name: "TCP:b:1", address: "b")
        append(Self.tcp, .holding(1))
        append(other, .holding(2))
        let isSendable: (Query) -> Bool = { $0.pdu != .holding(2) }
        let prolongs: (Query, Query) -> Bool = { $0.pdu == .holding(1) && $1.pdu == .holding(2) }
        #expect(queue.nextTurn(where: isSendable, prolongs: prolongs).map { queue.take($0).query.pdu } == .holding(1))
        append(Self.tcp, .holding(1))
        // It is the other's turn.
        #expect(queue.nextTurn(where: isSendable, prolongs: prolongs) == nil)
        #expect(names(2) == ["TCP:b:1", "TCP:a:1"])
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

    @Test func `R13 thousands of addresses are forgotten again`() {
        for index in 0..<10_000 {
            append(Client(kind: .tcp, name: "TCP:\(index)", address: "\(index)"))
            #expect(next() != nil)
        }
        #expect(queue.places.counts.addresses <= TurnPlaces.capacity)
        #expect(queue.places.counts.clients <= TurnPlaces.capacity)
    }

    @Test func `R8 a full queue loses the newest of the connection that has most, of the address that has most`() {
        let greedy = (0..<3).map { Client(kind: .tcp, name: "TCP:greedy:\($0)", address: "greedy") }
        for address in 0..<5 { append(Self.tcp, .holding(UInt16(address))) }
        for (count, client) in zip([2, 3, 1], greedy) {
            for address in 0..<count { append(client, .holding(UInt16(address))) }
        }
        let lost = (0..<3).compactMap { _ in queue.removeSurplus()?.query }
        #expect(lost.map(\.client.name) == ["TCP:greedy:1", "TCP:a:1", "TCP:greedy:1"])
        #expect(lost.map { $0.pdu.word(at: 1) } == [2, 4, 1])
        #expect(queue.count == 8)
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
}
