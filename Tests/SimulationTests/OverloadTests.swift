import Broker
import Modbus
import Simulation
import Testing

/// R8, R13: overload is fair and quiet.
///
/// The situations in which 0.1.0, or a first wording of the rules, refused too much, too often, or the wrong client; with
/// their bounds.
struct OverloadTests {
    private typealias Caller = OverloadScenario.Caller

    private static func input(_ address: UInt16, _ quantity: UInt16 = 20) -> PDU {
        PDU(read: .readInputRegisters, address: address, quantity: quantity)
    }

    private static func caller(_ number: Int, quantity: UInt16 = 20) -> OverloadScenario.Caller {
        Caller("10.0.0.\(number)", [input(UInt16(number) * 100, quantity)])
    }

    /// A second of the line, with its pause, without loss.
    private static func capacity(_ replyTime: Duration) -> Double {
        // The request of 8 and the reply of 45 characters at 115,200 Bd, and the silence before it.
        1 / (0.5 + replyTime / .seconds(1) + 53.0 * 10 / 115_200)
    }

    @Test func `17: eight clients with a read outstanding each get what the line can`() {
        let report = OverloadScenario((0..<8).map { Self.caller($0) }, for: .seconds(600)).run()
        #expect(report.repliesASecond >= 0.97 * Self.capacity(.milliseconds(80)), "\(report.repliesASecond)")
        #expect(report.total.busy + report.total.answered <= 1100, "\(report.total)")
        #expect(report.total.failed == 0)
    }

    @Test(arguments: [4, 8, 12, 20], [60, 150, 300])
    func `18: however many clients there are, the line does nine tenths of what it can`(clients: Int, reply: Int) {
        var scenario = OverloadScenario((0..<clients).map { Self.caller($0) }, for: .seconds(600))
        scenario.replyTime = .milliseconds(reply)
        let report = scenario.run()
        let answered = Double(report.total.answered) / 600
        #expect(answered >= 0.9 * Self.capacity(.milliseconds(reply)), "\(report.total)")
    }

    @Test func `19: of eight clients that write hardly any write ends unknown`() {
        let writes = (0..<8).map {
            Caller("10.0.0.\($0)", [PDU(write: .writeSingleRegister, address: UInt16($0), value: 1)])
        }
        let report = OverloadScenario(writes, for: .seconds(600)).run()
        #expect(Double(report.total.failed) <= 0.03 * Double(report.total.asked), "\(report.total)")
        #expect(report.total.answered >= 900, "\(report.total)")
    }

    private static func patient(_ seconds: Int, _ number: Int) -> OverloadScenario.Caller {
        var caller = caller(number)
        caller.patience = .seconds(seconds)
        caller.repetitions = 3
        caller.pause = .seconds(1)
        return caller
    }

    @Test(arguments: [(80, 0.93, 0.94), (300, 0.54, 0.85)])
    func `20, 21: clients that wait 3, 5 and 10 s, and the dongle`(reply: Int, share: Double, dongle: Double) {
        var scenario = OverloadScenario(
            [3, 5, 10].enumerated().map { Self.patient($1, $0) }, for: .seconds(3600))
        scenario.hasDongle = true
        scenario.loss = 0.055
        scenario.replyTime = .milliseconds(reply)
        let report = scenario.run()
        #expect(report.total.share >= share, "\(report.callers)")
        #expect(report.dongle.map { 1 - $0.unansweredShare >= dongle } == true, "\(report.dongle as Any)")
    }

    @Test(arguments: [(80, 2, 0.005), (80, 3, 0.02), (150, 2, 0.01), (300, 2, 0.08)])
    func `patient clients with a read outstanding each are hardly ever refused`(
        reply: Int, clients: Int, refused: Double
    ) {
        let report = OverloadScenario.patient(
            clients, pause: .seconds(1), replyTime: .milliseconds(reply), loss: 0.055, hasDongle: true,
            for: .seconds(3600)
        ).run()
        #expect(Double(report.total.busy) <= refused * Double(report.total.asked), "\(report.total)")
    }

    @Test(arguments: [80, 300])
    func `22: a client that repeats with a new identifier is answered as often as the others`(reply: Int) {
        var callers = [3, 5, 10].enumerated().map { Self.patient($1, $0) }
        callers[0].renumbers = true
        var scenario = OverloadScenario(callers, for: .seconds(900))
        scenario.hasDongle = true
        scenario.loss = 0.055
        scenario.replyTime = .milliseconds(reply)
        let report = scenario.run()
        #expect(report.callers[0].share >= 0.95 * report.total.share, "\(report.callers)")
    }

    @Test(arguments: [false, true])
    func `23, 24: seven loops of an address leave a polite client of it its turns`(dialsAnew: Bool) {
        let loops = (0..<7).map {
            var loop = Self.caller($0)
            loop.address = "10.0.0.1"
            loop.dialsAnew = dialsAnew
            return loop
        }
        var polite = Self.caller(8)
        polite.address = "10.0.0.1"
        polite.pause = .seconds(1)
        var other = polite
        other.address = "10.0.0.2"
        let report = OverloadScenario(loops + [polite, other], for: .seconds(660)).run()
        let (own, others) = (report.callers[7], report.callers[8])
        #expect(own.share >= 0.4, "\(own)")
        #expect(others.share == 1, "\(others)")
        #expect(report.total.busy <= 1500, "\(report.total)")
    }

    @Test func `25: 300 connections of an address with 16 queries each leave another its own`() {
        let greedy = (0..<300).map {
            var caller = Self.caller($0 % 100)
            caller.address = "10.0.0.1"
            caller.requests = (0..<16).map { Self.input($0 * 20) }
            caller.pipelining = 16
            return caller
        }
        var other = Self.caller(1)
        other.address = "10.0.0.2"
        other.pause = .seconds(2)
        let report = OverloadScenario(greedy + [other], for: .seconds(60)).run()
        #expect(report.callers[300].asked >= 20 && report.callers[300].share == 1, "\(report.callers[300])")
    }

    @Test func `26: loops on a resting range and on a silent unit get ten answers a second`() {
        var silent = Caller("10.0.0.1", [Self.input(0)])
        silent.unit = 2
        let scenario = OverloadScenario(
            [Caller("10.0.0.2", [Self.input(30_000)]), silent, Self.caller(3)], for: .seconds(90))
        var changed = scenario
        changed.answers = { unit, request in unit == 1 && request != Self.input(30_000) }
        let report = changed.run()
        #expect(report.callers[0].failed + report.callers[1].failed <= 1800, "\(report.callers)")
        #expect(report.callers[2].share == 1)
    }

    @Test func `27: a client beside twelve loops of its address has its turns, and hears 0x06 for the others`() {
        let callers = (0..<13).map {
            var caller = Self.caller($0)
            caller.address = "10.0.0.1"
            return caller
        }
        let report = OverloadScenario(callers, for: .seconds(66)).run()
        #expect(report.callers[12].answered >= 4, "\(report.callers)")
        #expect(report.total.failed == 0, "\(report.callers)")
    }

    @Test func `31: loops of writes to an absent unit leave the readers their turns`() {
        let loops = (0..<4).map {
            var loop = Caller("10.0.0.\($0)", [PDU(write: .writeSingleRegister, address: UInt16($0), value: 1)])
            loop.unit = 2
            return loop
        }
        var scenario = OverloadScenario(loops + [Self.patient(5, 8)], for: .seconds(900))
        scenario.hasDongle = true
        let report = scenario.run()
        #expect(report.callers[4].share >= 0.95, "\(report.callers)")
        #expect(report.dongle.map { $0.unansweredShare <= 0.09 } == true, "\(report.dongle as Any)")
    }
}
