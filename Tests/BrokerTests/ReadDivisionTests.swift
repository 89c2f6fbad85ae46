import Broker
import Modbus
import Testing

/// A line whose units answer no more than 45 registers at once.
@Suite struct ReadDivisionTests {
    private let bench = QueryBench()
    private let line: StubBackend
    private let limit: ReadDivision

    init() {
        line = StubBackend(bench.timeline)
        limit = ReadDivision(45, timeline: bench.timeline, next: line)
    }

    private func part(_ address: UInt16, _ quantity: UInt16, _ function: FunctionCode = .readHoldingRegisters) -> PDU {
        PDU(read: function, address: address, quantity: quantity)
    }

    private func answer(_ pdu: PDU, _ first: UInt16, of count: Int) {
        let values = (0..<UInt16(count)).map { first + $0 }
        line.answer(pdu, .success(RTUFrame(unit: 1, pdu: PDU(registers: values, replyTo: pdu.function))))
    }

    @Test(arguments: [FunctionCode.readHoldingRegisters, .readInputRegisters, .readMeter])
    func `a larger read goes in parts, one after the other, and is answered as a whole`(_ function: FunctionCode) {
        let asked = bench.ask(part(100, 100, function), of: limit)
        #expect(line.submitted.map(\.pdu) == [part(100, 35, function)])
        answer(part(100, 35, function), 0, of: 35)
        #expect(line.submitted.last?.pdu == part(135, 45, function))
        answer(part(135, 45, function), 35, of: 45)
        #expect(asked.exchange == nil)
        answer(part(180, 20, function), 80, of: 20)
        #expect(asked.reply?.pdu == PDU(registers: Array(0..<100), replyTo: function))
        #expect(asked.exchange?.attempts == 3)
        #expect(Set(line.submitted.map(\.id)).count == 3)
        #expect(line.submitted.allSatisfy { $0.client === bench.tcp && $0.isRead })
    }

    @Test func `the reply time is that of the longest part, without the pauses between them`() throws {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let limit = ReadDivision(45, timeline: bench.timeline, next: bench.bus)
        var whole: [Exchange] = []
        for quantity: UInt16 in [45, 90] {
            let query = Query(
                number: UInt64(quantity), client: bench.tcp, unit: 1, pdu: part(0, quantity), isRead: true,
                arrived: bench.now, deadline: nil)
            limit.submit(query) { whole.append($0) }
            bench.run(.seconds(5))
        }
        let single = try #require(whole.first?.busTime)
        #expect(whole.first?.replyTime == single)
        #expect(whole.last?.replyTime == single)
        #expect(try #require(whole.last?.busTime) > single * 2)
        bench.finish()
    }

    @Test(arguments: 1...125, [0, 1, 44, 100, 65_411])
    func `the parts cover the read, each within the limit`(_ size: Int, _ address: Int) {
        limit.limit = UInt16(size)
        let prompt = PromptBackend(bench.timeline)
        limit.next = prompt
        #expect(bench.ask(part(UInt16(address), 125), of: limit).reply != nil)
        let ranges = prompt.submitted.compactMap { query -> Range<Int>? in
            guard case .readRegisters(_, let range) = try? Request(query.pdu) else { return nil }
            return range.addresses
        }
        #expect(Array(ranges.joined()) == Array(address..<address + 125))
        #expect(ranges.allSatisfy { $0.count <= size })
    }

    @Test func `a unit can have a limit of its own, and the others have the line's or none`() {
        limit.unitLimits = [2: 25, 3: 125]
        for unit: UnitIdentifier in [1, 2, 3] { bench.ask(part(0, 50), of: limit, unit: unit) }
        #expect(line.submitted.map(\.pdu) == [part(0, 45), part(0, 25), part(0, 50)])
        limit.limit = nil
        for unit: UnitIdentifier in [1, 2] { bench.ask(part(0, 50), of: limit, unit: unit) }
        #expect(line.submitted.dropFirst(3).map(\.pdu) == [part(0, 50), part(0, 25)])
    }

    @Test func `what is not larger goes as it is, and writes and reads of unit 0 are never cut`() {
        let write = PDU(write: .writeSingleRegister, address: 5, value: 1)
        let whole = [bench.ask(part(0, 45), of: limit), bench.ask(write, of: limit)]
        bench.ask(part(0, 125), of: limit, unit: 0)
        #expect(line.submitted.map(\.pdu) == [part(0, 45), write, part(0, 125)])
        #expect(line.submitted.prefix(2).map(\.id) == whole.map(\.query.id))
    }

    @Test func `an exception, a timeout or a reply of another length fails the whole, and no further part is asked`() {
        let outcomes: [Result<RTUFrame, BrokerError>] = [
            .success(RTUFrame(unit: 1, pdu: PDU(exception: .illegalDataAddress, to: .readHoldingRegisters))),
            .failure(.noReply), .failure(.expired),
            .success(RTUFrame(unit: 1, pdu: PDU(registers: [1], replyTo: .readHoldingRegisters))),
        ]
        let answers = outcomes.map { outcome in
            let asked = bench.ask(part(0, 100), of: limit)
            answer(part(0, 45), 0, of: 45)
            line.answer(part(45, 45), outcome)
            return asked
        }
        #expect(answers[0].reply?.pdu.exceptionCode == .illegalDataAddress)
        #expect(answers.dropFirst().map(\.error) == [.noReply, .expired, .noReply])
        #expect(line.submitted.count == 2 * outcomes.count)
    }

    @Test func `the deadline is that of the whole`() {
        let asked = bench.ask(part(0, 100), of: limit, within: .seconds(2))
        bench.run(.seconds(1))
        answer(part(0, 45), 0, of: 45)
        #expect(line.submitted.map(\.deadline) == [asked.query.deadline, asked.query.deadline])
        #expect(line.submitted.map(\.arrived) == [asked.query.arrived, asked.query.arrived])
    }

    @Test func `a read that is withdrawn while a part waits ends at once`() {
        line.completesWithdrawn = true
        let asked = bench.ask(part(0, 100), of: limit)
        answer(part(0, 45), 0, of: 45)
        limit.withdraw(asked.query)
        #expect(line.withdrawn == [line.submitted[1].id])
        #expect(asked.error == .withdrawn)
    }

    @Test func `a read that is withdrawn while a part is on the line asks no further part`() {
        let asked = bench.ask(part(0, 100), of: limit)
        limit.withdraw(asked.query)
        answer(part(0, 45), 0, of: 45)
        #expect(asked.error == .withdrawn)
        #expect(line.submitted.count == 1)
    }

    @Test(arguments: [UnitIdentifier(1), 0])
    func `a write between the parts lets the read begin anew`(_ written: UnitIdentifier) {
        let asked = bench.ask(part(0, 50), of: limit)
        let write = PDU(write: .writeSingleRegister, address: 5, value: 1)
        bench.ask(write, of: limit, unit: written, by: bench.other)
        answer(part(0, 45), 0, of: 45)
        #expect(line.submitted.last?.pdu == part(0, 45))
        line.answer(write, .failure(.noReply))
        answer(part(0, 45), 0, of: 45)
        answer(part(0, 45), 0, of: 45)
        answer(part(45, 5), 45, of: 5)
        #expect(asked.reply?.pdu == PDU(registers: Array(0..<50), replyTo: .readHoldingRegisters))
    }

    @Test func `a read that writes disturb without end is given up`() {
        let asked = bench.ask(part(0, 50), of: limit)
        for value in 0..<3 {
            bench.ask(PDU(write: .writeSingleRegister, address: 5, value: UInt16(value)), of: limit, by: bench.other)
            answer(part(0, 45), 0, of: 45)
        }
        #expect(asked.error == .overloaded)
        #expect(line.submitted.filter(\.isRead).count == 3)
    }

    @Test func `writes to another unit disturb nothing`() {
        let asked = bench.ask(part(0, 50), of: limit)
        bench.ask(PDU(write: .writeSingleRegister, address: 5, value: 1), of: limit, unit: 2, by: bench.other)
        answer(part(0, 45), 0, of: 45)
        answer(part(45, 5), 45, of: 5)
        #expect(asked.reply != nil)
    }

    @Test func `another way to the line holds for the next part, another limit for the next query`() {
        let asked = bench.ask(part(0, 50), of: limit)
        let other = StubBackend(bench.timeline)
        limit.next = other
        limit.limit = nil
        answer(part(0, 45), 0, of: 45)
        #expect(other.submitted.map(\.pdu) == [part(45, 5)])
        limit.withdraw(asked.query)
        #expect(other.withdrawn == other.submitted.map(\.id))
        bench.ask(part(0, 125), of: limit)
        #expect(other.submitted.map(\.pdu) == [part(45, 5), part(0, 125)])
    }
}
