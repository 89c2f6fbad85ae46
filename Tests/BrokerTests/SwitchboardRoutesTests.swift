import Broker
import Modbus
import Simulator
import Testing

/// Several lines: which one a unit is on, and what it is called there.
@Suite struct SwitchboardRoutesTests {
    private let bench = SwitchboardBench()
    private let house: StubEnd
    private let garage: StubEnd

    init() {
        (house, garage) = (StubEnd("house", bench), StubEnd("garage", bench))
        bench.apply(garage.planned(units: [11: 1, 12: 2]), house.planned())
    }

    private func answer(_ end: StubEnd, _ pdu: PDU, unit: UnitIdentifier) { end.answer(pdu, unit: unit) }

    private func serialClient() -> SerialBench { SerialBench(bench.queries.timeline, path: bench.path) }

    @Test func `a unit with another number is asked by its own, and answers by the client's`() {
        let asked = bench.ask(.holding(0), unit: 11)
        #expect(garage.submitted.map(\.lineUnit) == [1])
        #expect(garage.submitted.map(\.id) == [asked.query.id])
        answer(garage, .holding(0), unit: 1)
        #expect(asked.reply?.unit == 11)
        #expect(asked.exchange?.query.clientUnit == 11)
        #expect(bench.line(of: asked) === garage.line)
        #expect(asked.exchange?.destination?.unit == 1)
        #expect(house.submitted.isEmpty)
    }

    @Test func `what no other line names goes to the line that takes every unit, as it is`() {
        let asked = bench.ask(.holding(0), unit: 1)
        #expect(house.submitted.map(\.lineUnit) == [1])
        answer(house, .holding(0), unit: 1)
        #expect(asked.reply?.unit == 1)
        #expect(bench.line(of: asked) === house.line)
        #expect(garage.submitted.isEmpty)
    }

    @Test func `R10 a failure comes back as the client's query, with its line`() {
        let asked = bench.ask(.write(0, 1), unit: 12)
        garage.stub.answer(.write(0, 1), .failure(.noReply))
        #expect(asked.error == .noReply)
        #expect(asked.exchange?.query.clientUnit == 12)
        #expect(asked.exchange?.destination?.unit == 2)
        #expect(bench.line(of: asked) === garage.line)
    }

    @Test func `R10 a unit that is on no line has no way to it`() {
        bench.apply(garage.planned(units: [11: 1]))
        let asked = bench.ask(.holding(0), unit: 1)
        #expect(asked.error == .unavailable)
        #expect(asked.exchange?.destination == nil)
        #expect(garage.submitted.isEmpty)
    }

    @Test func `R3 a read of unit 0 goes to the line that takes every unit, and whoever answers is passed on`() {
        let asked = bench.ask(.holding(43), unit: 0)
        #expect(house.submitted.map(\.lineUnit) == [0])
        answer(house, .holding(43), unit: 3)
        #expect(asked.reply?.unit == 3)
        bench.apply(garage.planned(units: [11: 1, 12: 2]))
        #expect(bench.ask(.holding(43), unit: 0).error == .unavailable)
    }

    @Test func `R3 a read of a unit that is 0 on its line is answered by any unit, by the client's number`() {
        bench.apply(garage.planned(units: [1: 0]))
        let asked = bench.ask(.holding(43), unit: 1)
        #expect(garage.submitted.map(\.lineUnit) == [0])
        answer(garage, .holding(43), unit: 7)
        #expect(asked.reply?.unit == 1)
        #expect(asked.exchange?.destination?.unit == 0)
        let client = serialClient()
        client.ask(.holding(44), unit: 1)
        answer(garage, .holding(44), unit: 7)
        #expect(client.frames.map(\.unit) == [1])
    }

    @Test func `R10 a write to a unit that is 0 on its line is one to all units, and needs a permission`() {
        bench.apply(garage.planned(units: [1: 0]))
        for pdu in [PDU.write(0, 1), .unknown] {
            let asked = bench.ask(pdu, unit: 1)
            #expect(asked.error == .refused(.illegalFunction))
            #expect(bench.line(of: asked) === garage.line)
        }
        #expect(garage.submitted.isEmpty)
        #expect(bench.refused.map(\.query.clientUnit) == [1, 1])
        #expect(bench.refused.allSatisfy { $0.refusal == .allUnits && $0.line === garage.line })
        bench.plan.allowsBroadcast = true
        bench.apply(garage.planned(units: [1: 0]))
        let asked = bench.ask(.write(0, 1), unit: 1)
        #expect(garage.submitted.map(\.isLineBroadcast) == [true])
        answer(garage, .write(0, 1), unit: 0)
        #expect(asked.reply == RTUFrame(unit: 1, pdu: .write(0, 1)))
    }

    @Test func `R10 a read of unit 0 may be one of another, and a write to unit 0 never is`() {
        bench.apply(garage.planned(units: [0: 5]))
        let asked = bench.ask(.holding(43), unit: 0)
        #expect(garage.submitted.map(\.lineUnit) == [5])
        answer(garage, .holding(43), unit: 5)
        #expect(asked.reply?.unit == 0)
        #expect(bench.ask(.write(0, 1), unit: 0).error == .unavailable)
        bench.apply(garage.planned(units: [0: 5]), house.planned())
        bench.ask(.write(0, 1), unit: 0)
        #expect(house.submitted.map(\.isLineBroadcast) == [true])
        #expect(garage.submitted.count == 1)
    }

    @Test func `R10 unit 0 of a line can be named as it is: its reads and its broadcasts go there`() {
        bench.apply(house.planned(), garage.planned(units: [0: 0]))
        bench.ask(.holding(43), unit: 0)
        bench.ask(.write(0, 1), unit: 0)
        #expect(garage.submitted.map(\.lineUnit) == [0, 0])
        #expect(house.submitted.isEmpty)
    }

    @Test func `of two lines with the same number the first one is meant`() {
        bench.apply(garage.planned(units: [11: 1]), house.planned(units: [11: 7]))
        bench.ask(.holding(0), unit: 11)
        #expect(garage.submitted.count == 1)
        #expect(house.submitted.isEmpty)
    }

    @Test func `withdraw reaches the line that has the query, and no other`() {
        let asked = bench.ask(.holding(0), unit: 11)
        bench.path.withdraw(asked.query)
        #expect(garage.stub.withdrawn == [asked.query.id])
        #expect(house.stub.withdrawn.isEmpty)
        answer(garage, .holding(0), unit: 1)
        asked.expectCompletedOnce()
    }

    @Test func `units that move while queries run: each query is completed by the line that has it`() {
        let (before, waiting) = (bench.ask(.holding(0), unit: 11), bench.ask(.holding(1), unit: 12))
        bench.apply(house.planned(units: [11: 4]), garage.planned(units: [3: 1]))
        let after = bench.ask(.holding(2), unit: 11)
        bench.path.withdraw(waiting.query)
        #expect(garage.stub.withdrawn == [waiting.query.id])
        answer(garage, .holding(0), unit: 1)
        answer(house, .holding(2), unit: 4)
        #expect(before.reply?.unit == 11)
        #expect(bench.line(of: before) === garage.line)
        #expect(after.reply?.unit == 11)
        #expect(bench.line(of: after) === house.line)
        #expect(bench.ask(.holding(0), unit: 12).error == .unavailable)
    }

    @Test func `a completion that is called at once, and asks again from within`() {
        let first = Asked(bench.query(.holding(0), unit: 11), sourceLocation: #_sourceLocation)
        var second: Asked?
        first.then = { _ in second = bench.ask(.holding(1), unit: 12) }
        bench.path.submit(first.query) { first.complete($0) }
        answer(garage, .holding(0), unit: 1)
        answer(garage, .holding(1), unit: 2)
        #expect(first.reply?.unit == 11)
        #expect(second?.reply?.unit == 12)
    }

    @Test func `R5 a serial client that asks unit 11 hears unit 11, with a right CRC`() {
        let client = serialClient()
        client.ask(.holding(0), unit: 11)
        answer(garage, .holding(0), unit: 1)
        #expect(client.frames.map(\.unit) == [11])
        client.ask(.holding(43), unit: 0)
        answer(house, .holding(43), unit: 3)
        #expect(client.frames.map(\.unit) == [11, 3])
        client.expectEachEndedOnce()
    }

    @Test func `R5 a serial client moves on: its read is withdrawn from the line that has it`() {
        let client = serialClient()
        client.ask(.holding(0), unit: 11)
        client.ask(.holding(1), unit: 1)
        #expect(garage.stub.withdrawn.count == 1)
        answer(garage, .holding(0), unit: 1)
        answer(house, .holding(1), unit: 1)
        #expect(client.frames.map(\.unit) == [1])
        client.expectEachEndedOnce()
    }
}
