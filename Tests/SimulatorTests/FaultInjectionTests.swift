import Broker
import Modbus
import Simulator
import Testing

/// What a client gets of units that are disturbed and have no line.
struct FaultInjectionTests {
    /// Units that take 40 ms to answer; a missing reply is waited for 900 ms.
    private static func bench(_ faults: String) throws -> BackendBench {
        let rules = try FaultRules(faults).rules
        return BackendBench { timeline in
            let backend = BackendBench.dataset(timeline) { $0.replyTime = .milliseconds(40) }
            let injector = FaultInjector(rules, seed: 1, start: timeline.now)
            return (FaultInjection(injector, next: backend, timeline: timeline), backend.stop)
        }
    }

    @Test func `a delayed answer comes so much later, and keeps when it was sent`() throws {
        let bench = try Self.bench("delay by 100ms")
        let asked = bench.ask(1)
        bench.finish()
        #expect(asked.reply?.pdu == .one(11))
        #expect(asked.exchange?.finished == .start + .milliseconds(140))
        #expect(asked.exchange?.sent == .start)
    }

    @Test func `a delay beyond the deadline ends there, without the answer`() throws {
        let bench = try Self.bench("delay by 100ms")
        let (late, inTime) = (bench.ask(1, within: .milliseconds(139)), bench.ask(1, within: .milliseconds(180)))
        bench.finish()
        #expect(late.error == .expiredOnLine)
        #expect(late.exchange?.finished == .start + .milliseconds(139))
        #expect(inTime.reply?.pdu == .one(11))
    }

    @Test(
        "a reply that is lost or damaged is no reply after the response timeout, and the write is executed",
        arguments: ["loss", "late", "crc", "truncated", "wrong-unit", "wrong-function", "wrong-count"])
    func lost(_ fault: String) throws {
        let bench = try Self.bench("\(fault) function 6")
        let asked = bench.ask(1, .write(5))
        bench.finish()
        #expect(asked.error == .noReply)
        #expect(asked.exchange?.finished == .start + .milliseconds(940))
        let read = bench.ask(1)
        bench.finish()
        #expect(read.reply?.pdu == .one(5))
    }

    @Test(
        "what only disturbs a line leaves the answer as it is",
        arguments: ["duplicate", "noise-before", "noise-after", "split"])
    func harmless(_ fault: String) throws {
        let bench = try Self.bench(fault)
        let asked = bench.ask(1)
        bench.finish()
        #expect(asked.reply?.pdu == .one(11))
        #expect(asked.exchange?.finished == .start + .milliseconds(40))
    }

    @Test func `a lost reply is waited for until the deadline`() throws {
        let bench = try Self.bench("loss")
        let asked = bench.ask(1, within: .milliseconds(500))
        bench.finish()
        #expect(asked.error == .expiredOnLine)
        #expect(asked.exchange?.finished == .start + .milliseconds(500))
    }

    @Test func `an exception is answered at once, and the request is not executed`() throws {
        let bench = try Self.bench("exception code 6 function 6")
        let asked = bench.ask(1, .write(5))
        #expect(asked.reply == RTUFrame(unit: 1, pdu: PDU(exception: .init(rawValue: 6), to: .writeSingleRegister)))
        let read = bench.ask(1)
        bench.finish()
        #expect(read.reply?.pdu == .one(11))
    }

    @Test func `a sleeping unit executes nothing and gives no reply, until it awakes`() throws {
        let bench = try Self.bench("asleep for 2s function 6")
        let (write, other) = (bench.ask(1, .write(5)), bench.ask(2))
        bench.run(.milliseconds(899))
        #expect(write.exchange == nil)
        #expect(other.reply?.pdu == .one(22))
        bench.run(.milliseconds(1))
        #expect(write.error == .noReply)
        bench.run(.milliseconds(1099))
        let asleep = bench.ask(1)
        bench.run(.milliseconds(1))
        let awake = bench.ask(1)
        bench.finish()
        #expect(asleep.error == .noReply)
        #expect(awake.reply?.pdu == .one(11))
    }

    @Test func `without its line every query is unavailable at once, until it is back`() throws {
        let bench = try Self.bench("unplugged for 2s until 1s")
        #expect(bench.ask(1).error == .unavailable)
        #expect(bench.ask(2).error == .unavailable)
        bench.run(.milliseconds(1999))
        #expect(bench.ask(1).error == .unavailable)
        bench.run(.milliseconds(1))
        let back = bench.ask(1)
        bench.finish()
        #expect(back.reply?.pdu == .one(11))
    }

    @Test(
        "what has failed without the unit fails at once, disturbed or not",
        arguments: ["delay by 1h", "loss", "tail by 1m"])
    func failures(_ fault: String) throws {
        let bench = try Self.bench(fault)
        #expect(bench.ask(1, try PDU([3, 0, 0, 0, 0])).error == .malformed(.quantity(0, allowed: 1...125)))
        bench.ask(1, within: .seconds(1))
        let (withdrawn, stopped) = (bench.ask(1, within: .seconds(1)), bench.ask(1, within: .seconds(1)))
        bench.backend.withdraw(withdrawn.query)
        #expect(withdrawn.error == .withdrawn)
        bench.stop()
        #expect(stopped.error == .stopping)
        bench.finish()
    }

    @Test(arguments: ["delay by 1h", "loss", "asleep for 1h"])
    func `stopping ends at once what is delayed and what has its turn`(_ fault: String) throws {
        let rules = try FaultRules(fault).rules
        let bench = BackendBench { timeline in
            let backend = BackendBench.dataset(timeline)
            let injector = FaultInjector(rules, seed: 1, start: timeline.now)
            let injection = FaultInjection(injector, next: backend, timeline: timeline)
            let stop = {
                injection.stop()
                backend.stop()
            }
            return (injection, stop)
        }
        let asked = [bench.ask(1), bench.ask(2), bench.ask(9)]
        #expect(asked.allSatisfy { $0.exchange == nil })
        bench.stop()
        #expect(asked.allSatisfy { $0.exchange != nil })
        bench.finish()
    }
}
