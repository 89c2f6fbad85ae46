import Broker
import Modbus
import Simulator
import Testing

/// Several lines: which one a unit is on, and what it is called there.
@Suite struct UnitRouterTests {
    private let bench = QueryBench()
    private let house: StubBackend
    private let garage: StubBackend
    private let houseLine = Line(name: "house")
    private let garageLine = Line(name: "garage")
    private let router: UnitRouter

    init() {
        (house, garage) = (StubBackend(bench.timeline), StubBackend(bench.timeline))
        router = UnitRouter(
            [
                .init(to: garageLine, garage, units: [11: 1, 12: 2]),
                .init(to: houseLine, house),
            ], timeline: bench.timeline)
    }

    private func answer(_ backend: StubBackend, _ pdu: PDU, unit: UnitIdentifier) {
        backend.answer(pdu, .success(Unit.reply(to: RTUFrame(unit: unit, pdu: pdu))))
    }

    @Test func `a unit with another number is asked by its own, and answers by the client's`() {
        let asked = bench.ask(.holding(0), of: router, unit: 11)
        #expect(garage.submitted.map(\.unit) == [1])
        #expect(garage.submitted.map(\.id) == [asked.query.id])
        answer(garage, .holding(0), unit: 1)
        #expect(asked.reply?.unit == 11)
        #expect(asked.exchange?.query.unit == 11)
        #expect(asked.exchange?.destination?.line === garageLine)
        #expect(asked.exchange?.destination?.unit == 1)
        #expect(house.submitted.isEmpty)
    }

    @Test func `what no other line names goes to the line that takes every unit, as it is`() {
        let asked = bench.ask(.holding(0), of: router, unit: 1)
        #expect(house.submitted.map(\.unit) == [1])
        answer(house, .holding(0), unit: 1)
        #expect(asked.reply?.unit == 1)
        #expect(asked.exchange?.destination?.line === houseLine)
        #expect(garage.submitted.isEmpty)
    }

    @Test func `R10 a failure comes back as the client's query, with its line`() {
        let asked = bench.ask(.write(0, 1), of: router, unit: 12)
        garage.answer(.write(0, 1), .failure(.noReply))
        #expect(asked.error == .noReply)
        #expect(asked.exchange?.query.unit == 12)
        #expect(asked.exchange?.destination?.unit == 2)
        #expect(asked.exchange?.destination?.line === garageLine)
    }

    @Test func `R10 a unit that is on no line has no way to it`() {
        router.routes = [.init(to: garageLine, garage, units: [11: 1])]
        let asked = bench.ask(.holding(0), of: router, unit: 1)
        #expect(asked.error == .unavailable)
        #expect(asked.exchange?.destination == nil)
        #expect(garage.submitted.isEmpty)
    }

    @Test func `R3 a read of unit 0 goes to the line that takes every unit, and whoever answers is passed on`() {
        let asked = bench.ask(.holding(43), of: router, unit: 0)
        #expect(house.submitted.map(\.unit) == [0])
        answer(house, .holding(43), unit: 3)
        #expect(asked.reply?.unit == 3)
        router.routes.removeLast()
        #expect(bench.ask(.holding(43), of: router, unit: 0).error == .unavailable)
    }

    @Test func `R3 a read of a unit that is 0 on its line is answered by any unit, by the client's number`() {
        router.routes = [.init(to: garageLine, garage, units: [1: 0])]
        let asked = bench.ask(.holding(43), of: router, unit: 1)
        #expect(garage.submitted.map(\.unit) == [0])
        answer(garage, .holding(43), unit: 7)
        #expect(asked.reply?.unit == 1)
        #expect(asked.exchange?.destination?.unit == 0)
        let client = SerialBench(bench.timeline, backend: router)
        client.ask(.holding(44), unit: 1)
        answer(garage, .holding(44), unit: 7)
        #expect(client.frames.map(\.unit) == [1])
    }

    @Test func `R10 a write to a unit that is 0 on its line is one to all units, and needs a permission`() {
        router.routes = [.init(to: garageLine, garage, units: [1: 0])]
        var refused: [UnitIdentifier] = []
        router.whenRefused = { refused.append($0.unit) }
        for pdu in [PDU.write(0, 1), .unknown] {
            let asked = bench.ask(pdu, of: router, unit: 1)
            #expect(asked.error == .refused(.illegalFunction))
            #expect(asked.exchange?.destination?.line === garageLine)
        }
        #expect(garage.submitted.isEmpty)
        #expect(refused == [1, 1])
        router.allowsBroadcast = true
        let asked = bench.ask(.write(0, 1), of: router, unit: 1)
        #expect(garage.submitted.map(\.isBroadcast) == [true])
        answer(garage, .write(0, 1), unit: 0)
        #expect(asked.reply == RTUFrame(unit: 1, pdu: .write(0, 1)))
    }

    @Test func `R10 a read of unit 0 may be one of another, and a write to unit 0 never is`() {
        router.routes = [.init(to: garageLine, garage, units: [0: 5])]
        let asked = bench.ask(.holding(43), of: router, unit: 0)
        #expect(garage.submitted.map(\.unit) == [5])
        answer(garage, .holding(43), unit: 5)
        #expect(asked.reply?.unit == 0)
        #expect(bench.ask(.write(0, 1), of: router, unit: 0).error == .unavailable)
        router.routes.append(.init(to: houseLine, house))
        bench.ask(.write(0, 1), of: router, unit: 0)
        #expect(house.submitted.map(\.isBroadcast) == [true])
        #expect(garage.submitted.count == 1)
    }

    @Test func `R10 unit 0 of a line can be named as it is: its reads and its broadcasts go there`() {
        router.routes = [.init(to: houseLine, house), .init(to: garageLine, garage, units: [0: 0])]
        bench.ask(.holding(43), of: router, unit: 0)
        bench.ask(.write(0, 1), of: router, unit: 0)
        #expect(garage.submitted.map(\.unit) == [0, 0])
        #expect(house.submitted.isEmpty)
    }

    @Test func `of two lines with the same number the first one is meant`() {
        router.routes = [
            .init(to: garageLine, garage, units: [11: 1]), .init(to: houseLine, house, units: [11: 7]),
        ]
        bench.ask(.holding(0), of: router, unit: 11)
        #expect(garage.submitted.count == 1)
        #expect(house.submitted.isEmpty)
    }

    @Test func `withdraw reaches the line that has the query, once`() {
        let asked = bench.ask(.holding(0), of: router, unit: 11)
        router.withdraw(asked.query.id)
        #expect(garage.withdrawn == [asked.query.id])
        #expect(house.withdrawn.isEmpty)
        answer(garage, .holding(0), unit: 1)
        router.withdraw(asked.query.id)
        #expect(garage.withdrawn.count == 1)
        asked.expectCompletedOnce()
    }

    @Test func `withdraw reaches a line that is on two routes once`() {
        router.routes = [.init(to: garageLine, garage, units: [11: 1]), .init(to: garageLine, garage)]
        let asked = bench.ask(.holding(0), of: router, unit: 3)
        router.withdraw(asked.query.id)
        #expect(garage.withdrawn.count == 1)
    }

    @Test func `routes that are replaced while queries run: each is completed by the line that has it`() {
        let (before, waiting) = (
            bench.ask(.holding(0), of: router, unit: 11), bench.ask(.holding(1), of: router, unit: 12)
        )
        router.routes = [.init(to: houseLine, house, units: [11: 4])]
        let after = bench.ask(.holding(2), of: router, unit: 11)
        router.withdraw(waiting.query.id)
        #expect(garage.withdrawn == [waiting.query.id])
        answer(garage, .holding(0), unit: 1)
        answer(house, .holding(2), unit: 4)
        #expect(before.reply?.unit == 11)
        #expect(before.exchange?.destination?.line === garageLine)
        #expect(after.reply?.unit == 11)
        #expect(after.exchange?.destination?.line === houseLine)
        #expect(bench.ask(.holding(0), of: router, unit: 12).error == .unavailable)
    }

    @Test func `a completion that is called at once, and asks again from within`() {
        let prompt = PromptBackend(bench.timeline)
        router.routes = [.init(to: garageLine, prompt, units: [11: 1])]
        let first = Asked(bench.query(.holding(0), unit: 11), sourceLocation: #_sourceLocation)
        var second: Asked?
        first.then = { _ in second = bench.ask(.holding(1), of: router, unit: 11) }
        router.submit(first.query) { first.complete($0) }
        #expect(first.reply?.unit == 11)
        #expect(second?.reply?.unit == 11)
        router.withdraw(first.query.id)
        #expect(prompt.withdrawn.isEmpty)
    }

    @Test func `R5 a serial client that asks unit 11 hears unit 11, with a right CRC`() {
        let client = SerialBench(bench.timeline, backend: router)
        client.ask(.holding(0), unit: 11)
        answer(garage, .holding(0), unit: 1)
        #expect(client.frames.map(\.unit) == [11])
        client.ask(.holding(43), unit: 0)
        answer(house, .holding(43), unit: 3)
        #expect(client.frames.map(\.unit) == [11, 3])
        client.expectEachEndedOnce()
    }

    @Test func `R5 a serial client moves on: its read is withdrawn from the line that has it`() {
        let client = SerialBench(bench.timeline, backend: router)
        client.ask(.holding(0), unit: 11)
        client.ask(.holding(1), unit: 1)
        #expect(garage.withdrawn.count == 1)
        answer(garage, .holding(0), unit: 1)
        answer(house, .holding(1), unit: 1)
        #expect(client.frames.map(\.unit) == [1])
        client.expectEachEndedOnce()
    }
}
