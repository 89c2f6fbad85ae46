import Broker
import Modbus
import Simulator
import Testing

struct SimulatedUnitsBackendTests {
    @Test func `a query is answered at once, by the unit that it names`() {
        let bench = BackendBench()
        #expect(bench.ask(1).reply == RTUFrame(unit: 1, pdu: .one(11)))
        #expect(bench.ask(2).reply == RTUFrame(unit: 2, pdu: .one(22)))
        bench.finish()
    }

    @Test func `a unit that is not there gives no reply after the response timeout, and the next has its turn then`() {
        let bench = BackendBench()
        let (missing, next) = (bench.ask(9), bench.ask(1))
        #expect(missing.exchange == nil && next.exchange == nil)
        bench.run(.milliseconds(900))
        #expect(missing.error == .noReply)
        #expect(next.reply == RTUFrame(unit: 1, pdu: .one(11)))
        #expect(next.exchange?.sent == .start + .milliseconds(900))
        bench.finish()
    }

    @Test func `a deadline that passes on the line or in the queue ends the query then`() {
        let bench = BackendBench()
        let onLine = bench.ask(9, within: .milliseconds(500))
        let queued = bench.ask(1, within: .milliseconds(300))
        let later = bench.ask(1)
        bench.run(.milliseconds(300))
        #expect(queued.error == .expired)
        #expect(onLine.exchange == nil)
        bench.run(.milliseconds(200))
        #expect(onLine.error == .expiredOnLine)
        #expect(later.reply != nil)
        bench.finish()
    }

    @Test func `each answer takes the reply time, one after the other`() {
        let bench = BackendBench(dataset: { $0.replyTime = .milliseconds(40) })
        let asked = (0..<3).map { _ in bench.ask(1) }
        bench.run(.milliseconds(79))
        #expect(asked.map { $0.exchange != nil } == [true, false, false])
        bench.run(.milliseconds(41))
        #expect(asked.map { $0.exchange?.finished } == [40, 80, 120].map { .start + .milliseconds($0) })
        bench.finish()
    }

    @Test func `a queued query can be withdrawn, and one whose turn it is runs to its end`() {
        let bench = BackendBench(dataset: { $0.replyTime = .milliseconds(40) })
        let (first, second) = (bench.ask(1), bench.ask(1))
        bench.backend.withdraw(first.query)
        bench.backend.withdraw(second.query)
        #expect(second.error == .withdrawn)
        bench.run(.milliseconds(40))
        #expect(first.reply != nil)
        bench.finish()
    }

    @Test func `the queue is bounded, and a malformed request is refused without a turn`() throws {
        let bench = BackendBench(dataset: {
            $0.replyTime = .seconds(1)
            $0.capacity = 2
        })
        let asked = (0..<4).map { _ in bench.ask(1) }
        #expect(asked.map(\.error) == [nil, nil, nil, .overloaded])
        let malformed = bench.ask(1, try PDU([3, 0, 0, 0, 0]))
        #expect(malformed.error == .malformed(.quantity(0, allowed: 1...125)))
        bench.finish()
    }

    @Test func `a read of unit 0 is answered by the first, a write to it is executed by all and acknowledged here`() {
        let bench = BackendBench()
        #expect(bench.ask(0).reply == RTUFrame(unit: 1, pdu: .one(11)))
        let write = PDU(write: .writeSingleRegister, address: 0, value: 5)
        let broadcast = bench.ask(0, write)
        #expect(broadcast.reply == RTUFrame(unit: 0, pdu: write))
        #expect(broadcast.exchange?.source == .broker)
        #expect(bench.ask(1).reply?.pdu == .one(5))
        #expect(bench.ask(2).reply?.pdu == .one(5))
        bench.finish()
    }

    @Test func `an exception of the unit is an answer`() throws {
        let bench = BackendBench()
        #expect(bench.ask(1, try PDU([1, 0, 0, 0, 1])).reply?.pdu.exceptionCode == .illegalFunction)
        bench.finish()
    }

    @Test func `a completion may ask again, ten thousand times`() {
        let bench = BackendBench()
        bench.chain(10_000)
        #expect(bench.chained == 10_000)
        bench.finish()
    }

    @Test func `stopping answers what waits and whatever comes`() {
        let bench = BackendBench(dataset: { $0.replyTime = .milliseconds(40) })
        let (first, second) = (bench.ask(1), bench.ask(1))
        bench.stop()
        #expect(second.error == .stopping)
        #expect(bench.ask(1).error == .stopping)
        bench.run(.milliseconds(40))
        #expect(first.reply != nil)
        bench.finish()
    }
}
