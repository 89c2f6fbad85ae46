import Broker
import Modbus
import Testing

/// Lines that come, go, and get another end.
@Suite struct SwitchboardLinesTests {
    private let bench = SwitchboardBench()
    private let house: StubEnd
    private let garage: StubEnd

    init() {
        (house, garage) = (StubEnd("house", bench), StubEnd("garage", bench))
        (house.stopsAtOnce, garage.stopsAtOnce) = (false, false)
    }

    private func open(_ lines: SwitchboardPlan.Line...) {
        bench.plan.lines = lines
        bench.switchboard.apply(bench.plan)
        bench.switchboard.open()
    }

    @Test func `lines are opened when the switchboard is, and those that come later at once`() {
        bench.apply(house.planned())
        #expect(!house.isOpen)
        bench.switchboard.open()
        #expect(house.isOpen)
        bench.apply(house.planned(), garage.planned(units: [11: 1]))
        #expect(garage.isOpen)
    }

    @Test func `R8 a line that goes completes what it has; its units have no way from then on`() {
        open(house.planned())
        let asked = bench.ask(.holding(0), unit: 1)
        bench.apply(garage.planned(units: [11: 1]))
        #expect(house.isStopping)
        #expect(bench.ask(.holding(1), unit: 1).error == .unavailable)
        house.answer(.holding(0), unit: 1)
        #expect(asked.reply?.unit == 1)
        #expect(bench.line(of: asked) === house.line)
        house.becomeQuiet()
        #expect(!house.isOpen)
    }

    @Test func `R8 what waits for its rate when its line goes has no way once the line is gone`() {
        bench.plan.rate = 1
        open(house.planned())
        bench.ask(.holding(0), unit: 1)
        let waiting = bench.ask(.holding(1), unit: 1)
        bench.apply(garage.planned())
        house.stub.answer(.holding(0), .failure(.noReply))
        house.becomeQuiet()
        bench.queries.run(.seconds(1))
        #expect(waiting.error == .unavailable)
        #expect(garage.submitted.isEmpty)
    }

    @Test func `a new end opens when the old one is gone; queries go to it from the plan on`() {
        open(house.planned(at: ["/dev/a"]))
        let before = bench.ask(.holding(0), unit: 1)
        let other = StubEnd(insteadOf: house, bench)
        bench.apply(other.planned(at: ["/dev/b"]))
        bench.ask(.holding(1), unit: 1)
        #expect(other.submitted.map(\.pdu) == [.holding(1)])
        #expect(!other.isOpen, "the old way and the new one may lead to the same unit")
        bench.path.withdraw(before.query)
        #expect(house.stub.withdrawn == [before.query.id])
        #expect(other.stub.withdrawn.isEmpty)
        house.answer(.holding(0), unit: 1)
        #expect(before.reply != nil)
        house.becomeQuiet()
        #expect(!other.isOpen, "its port is still open")
        house.finishClosing()
        #expect(other.isOpen)
    }

    @Test func `two lines that take each other's places both open in the end`() {
        open(house.planned(at: ["/dev/a"]), garage.planned(units: [11: 1], at: ["/dev/b"]))
        let (first, second) = (StubEnd(insteadOf: house, bench), StubEnd(insteadOf: garage, bench))
        bench.apply(first.planned(at: ["/dev/b"]), second.planned(units: [11: 1], at: ["/dev/a"]))
        house.becomeQuiet()
        house.finishClosing()
        #expect(!first.isOpen && !second.isOpen)
        garage.becomeQuiet()
        garage.finishClosing()
        #expect(first.isOpen && second.isOpen)
    }

    @Test func `a line at the place of one that goes waits for it, also when it goes before it was open`() {
        open(house.planned(at: ["/dev/a"]))
        bench.apply(garage.planned(at: ["/dev/a"]))
        let third = StubEnd("third", bench)
        bench.apply(third.planned(at: ["/dev/a"]))
        garage.becomeQuiet()
        garage.finishClosing()
        #expect(!third.isOpen)
        house.becomeQuiet()
        house.finishClosing()
        #expect(third.isOpen)
        #expect(!garage.isOpen)
    }

    @Test func `an end that is replaced before it could open is never opened`() {
        open(house.planned(at: ["/dev/a"]))
        let (second, third) = (StubEnd(insteadOf: house, bench), StubEnd(insteadOf: house, bench))
        bench.apply(second.planned(at: ["/dev/b"]))
        bench.apply(third.planned(at: ["/dev/c"]))
        house.becomeQuiet()
        house.finishClosing()
        #expect(!second.isOpen && third.isOpen)
    }

    @Test func `stop waits for every line, those that were replaced and removed too, and opens none`() {
        open(house.planned(at: ["/dev/a"]), garage.planned(units: [11: 1]))
        let other = StubEnd(insteadOf: house, bench)
        other.stopsAtOnce = false
        bench.apply(other.planned(at: ["/dev/a"]))
        var (isQuiet, isClosed) = (false, false)
        bench.switchboard.stop { isQuiet = true }
        #expect(bench.ask(.holding(0), unit: 1, by: Client(kind: .tcp, name: "b", address: "b")).error == .stopping)
        for end in [house, garage] {
            end.becomeQuiet()
            #expect(!isQuiet)
        }
        other.becomeQuiet()
        #expect(isQuiet)
        bench.switchboard.close { isClosed = true }
        house.finishClosing()
        garage.finishClosing()
        #expect(!isClosed)
        other.finishClosing()
        #expect(isClosed)
        #expect(!other.isOpen)
    }

    @Test func `polls are asked once a second from when units can be asked, of the end that is there`() {
        let poll = SwitchboardPlan.Poll(unit: 1, .input(0, 10))
        open(house.planned { $0.polls = [poll] })
        bench.queries.run(.seconds(3))
        #expect(house.submitted.isEmpty)
        house.becomeReady()
        bench.queries.run(.seconds(1))
        #expect(house.submitted.map(\.pdu) == [.input(0, 10)], "one after the other")
        house.answer(.input(0, 10), unit: 1)
        bench.queries.run(.seconds(1))
        #expect(house.submitted.count == 2)
        #expect(house.submitted.allSatisfy { $0.client.kind == .background })
        let other = StubEnd(insteadOf: house, bench)
        bench.apply(other.planned { $0.polls = [poll] })
        house.stub.answer(.input(0, 10), .failure(.stopping))
        bench.queries.run(.seconds(5))
        #expect(house.submitted.count == 2)
        house.becomeQuiet()
        house.finishClosing()
        other.becomeReady()
        bench.queries.run(.seconds(1))
        #expect(other.submitted.map(\.pdu) == [.input(0, 10)])
    }

    @Test func `other polls begin anew, also while the port is lost`() {
        open(house.planned { $0.polls = [.init(unit: 1, .input(0))] })
        house.becomeReady()
        bench.queries.run(.milliseconds(1))
        bench.apply(house.planned { $0.polls = [.init(unit: 1, .input(9))] })
        bench.queries.run(.milliseconds(1))
        #expect(house.submitted.map(\.pdu) == [.input(0), .input(9)])
    }
}

/// The port of a dongle, which a plan may exchange.
@Suite struct SwitchboardDongleTests {
    private let bench = SwitchboardBench()
    private let house: StubEnd

    init() {
        house = StubEnd("house", bench)
        house.stopsAtOnce = false
    }

    private func apply(_ port: StubDonglePort?) {
        bench.apply(house.planned { [bench] in $0.dongle = port.map { bench.dongle(at: $0) } })
    }

    @Test func `a port is opened once, and another one when it is closed`() {
        let (first, second) = (StubDonglePort(), StubDonglePort())
        apply(first)
        bench.switchboard.open()
        apply(first)
        #expect(first.opened == 1)
        apply(second)
        #expect(first.isClosing)
        #expect(second.opened == 0)
        first.finishClosing()
        #expect(second.opened == 1)
    }

    @Test func `a port keeps its session, and another one has a session of its own`() {
        let (first, second) = (StubDonglePort(), StubDonglePort())
        apply(first)
        bench.switchboard.open()
        let session = first.session
        apply(first)
        #expect(first.session === session)
        apply(second)
        first.finishClosing()
        #expect(second.session != nil)
        #expect(second.session !== session)
    }

    @Test func `a dongle is a client of its line, by its path, and gets its answers at its port`() {
        let port = StubDonglePort()
        bench.plan.paths.append(.init(bench.donglePath, .init(), to: .line(house.line)))
        apply(port)
        bench.switchboard.open()
        house.becomeReady()
        port.session?.received(RTUFrame(unit: 1, pdu: .input(7)).bytes)
        #expect(house.submitted.map(\.client.name) == ["SHINE"])
        house.answer(.input(7), unit: 1)
        #expect(port.sent == Unit.reply(to: RTUFrame(unit: 1, pdu: .input(7))).bytes)
    }

    @Test func `a port closes with its line, when nothing is on the line any more`() {
        let port = StubDonglePort()
        apply(port)
        bench.switchboard.open()
        let garage = StubEnd("garage", bench)
        bench.apply(garage.planned(at: ["/dev/dongle"]))
        #expect(!port.isClosing)
        house.becomeQuiet()
        #expect(port.isClosing)
        house.finishClosing()
        #expect(!garage.isOpen)
        port.finishClosing()
        #expect(garage.isOpen)
    }
}
