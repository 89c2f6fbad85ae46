import Broker
import Modbus
import Testing

/// R8 on the line: everything is completed in time.
@Suite struct BusDeadlineTests {
    @Test func `R8 what expires in the queue is completed at its deadline and never sent`() throws {
        let bench = Bench()
        bench.warmUp()
        bench.ask(.holding(0), by: bench.other)
        let asked = bench.ask(.holding(1), within: .milliseconds(600))
        let start = bench.now
        bench.run(.seconds(10))
        #expect(asked.error == .expired)
        #expect(try #require(asked.exchange).finished == start + .milliseconds(600))
        #expect(try #require(asked.exchange).sent == nil)
        #expect(!bench.line.sent.contains(.holding(1)))
        bench.finish()
    }

    @Test(arguments: [PDU.holding(1), .write(1, 1)])
    func `R8 what expires on the line is completed at exactly its deadline`(pdu: PDU) throws {
        let bench = Bench()
        bench.warmUp()
        let start = bench.now
        let asked = bench.ask(pdu, within: .milliseconds(600))
        bench.run(.seconds(10))
        #expect(asked.error == .expiredOnLine)
        #expect(try #require(asked.exchange).finished == start + .milliseconds(600))
        #expect(try #require(asked.exchange).sent == start)
        #expect(bench.line.sent == [pdu])
        bench.finish()
    }

    @Test func `R8 a reply that comes after the deadline is only recorded`() {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(700))
        let asked = bench.ask(.holding(1), within: .milliseconds(600))
        bench.run(.seconds(10))
        #expect(asked.error == .expiredOnLine)
        #expect(bench.discarded(.afterDeadline).count == 1)
        #expect(bench.failedAttempts == 0)
        bench.finish()
    }

    @Test func `R8 a retry that waits ends at the deadline`() throws {
        let bench = Bench {
            $0.timing = LineTiming(baud: 10_000, bitsPerCharacter: 10, silence: .milliseconds(500))
            $0.responseTimeout = .milliseconds(10)
        }
        bench.run(.seconds(1))
        let start = bench.now
        let asked = bench.ask(.holding(1), within: .milliseconds(300))
        bench.run(.seconds(10))
        #expect(try #require(asked.exchange).finished == start + .milliseconds(300))
        #expect(asked.error == .noReply)
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }

    @Test func `R8 a query for which there is hardly any hope keeps its place until its turn, or its deadline`() {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let start = bench.now
        let entries = (0..<10).map { bench.ask(.holding(UInt16($0)), within: .milliseconds(2700)) }
        #expect(entries.allSatisfy { $0.exchange == nil })
        bench.run(.seconds(10))
        // An exchange with its pause takes 528 ms: five fit into 2.7 s, and the sixth turn would come too late.
        #expect(entries.map { $0.error == .expired } == (0..<10).map { $0 > 5 })
        #expect(entries.dropFirst(6).allSatisfy { $0.exchange?.finished == start + .milliseconds(2700) })
        bench.finish()
    }

    @Test func `R8 a full queue refuses at once`() {
        let bench = Bench { $0.queueCapacity = 2 }
        bench.ask(.holding(0))
        let entries = (0..<3).map { bench.ask(.holding(UInt16($0))) }
        #expect(entries.map { $0.error == .overloaded } == [false, true, true])
        bench.finish()
    }

    @Test func `R8 a withdrawn query that waits is completed and never sent`() {
        let bench = Bench()
        bench.ask(.holding(0))
        let read = bench.ask(.holding(1))
        let write = bench.ask(.write(1, 1), by: bench.other)
        bench.bus.withdraw(read.query)
        bench.bus.withdraw(write.query)
        #expect(read.error == .withdrawn && write.error == .withdrawn)
        bench.finish()
        #expect(Set(bench.line.sent) == [.holding(0)])
    }

    @Test func `R8 a withdrawn read on the line runs to its end and is not repeated`() {
        let bench = Bench()
        bench.warmUp()
        let asked = bench.ask(.holding(0))
        bench.run(.milliseconds(10))
        bench.bus.withdraw(asked.query)
        #expect(asked.exchange == nil)
        bench.run(.seconds(5))
        #expect(asked.error == .noReply)
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }

    @Test func `R8 a withdrawn read whose retry is pending is answered, and not repeated`() {
        let (bench, asked) = Bench.beforeRetry()
        bench.bus.withdraw(asked.query)
        #expect(asked.error == .noReply)
        bench.finish()
        #expect(bench.line.transmissions.count == 1)
    }

    @Test func `R8 a withdrawn write on the line is completed with its reply`() {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(200))
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(10))
        bench.bus.withdraw(asked.query)
        #expect(asked.exchange == nil)
        bench.run(.seconds(1))
        #expect(asked.reply?.pdu == .write(0, 1))
        bench.finish()
    }

    @Test(arguments: [Duration.zero, .seconds(-1)])
    func `R8 a query that comes after its deadline is completed at once and never sent`(timeToAnswer: Duration) {
        let bench = Bench()
        let asked = bench.ask(.holding(0), within: timeToAnswer)
        #expect(asked.error == .expired || asked.error == .overloaded)
        bench.finish()
        #expect(bench.line.transmissions.isEmpty)
    }

    @Test func `R8 to withdraw what is unknown or completed does nothing`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(10))
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(1))
        bench.bus.withdraw(asked.query)
        bench.bus.withdraw(QueryBench().query(.holding(7)))
        #expect(asked.reply != nil)
        bench.finish()
    }
}
