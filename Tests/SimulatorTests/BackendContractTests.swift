import Broker
import Modbus
import Simulator
import Testing

/// What everything that answers queries keeps to, so that each can stand in another's place.
struct BackendContractTests {
    @Test(arguments: BackendContract.faithful)
    func `a query is answered by the unit that it names`(_ contract: BackendContract) {
        let bench = contract.bench()
        let asked = [bench.ask(1), bench.ask(2), bench.ask(1, .write(5)), bench.ask(0)]
        bench.run(.seconds(2))
        #expect(asked.map { $0.reply?.pdu } == [.one(11), .one(22), .write(5), asked[3].reply?.pdu])
        #expect(asked.map { $0.reply?.unit } == [1, 2, 1, 1])
        #expect(asked[3].reply?.pdu.registers?.count == 1)
        bench.finish()
    }

    @Test(arguments: BackendContract.writable)
    func `what was written is read, also of unit 0`(_ contract: BackendContract) {
        let bench = contract.bench()
        let asked = [bench.ask(1, .write(7)), bench.ask(1), bench.ask(0), bench.ask(2)]
        bench.finish()
        #expect(asked.map { $0.reply?.pdu } == [.write(7), .one(7), .one(7), .one(22)])
    }

    @Test(arguments: BackendContract.faithful)
    func `an exception of the unit is an answer`(_ contract: BackendContract) throws {
        let bench = contract.bench()
        let asked = bench.ask(1, PDU(read: .readCoils, address: 0, quantity: 1))
        bench.finish()
        #expect(asked.reply?.pdu.exceptionCode == .illegalFunction)
        #expect(asked.exchange?.sent != nil)
    }

    @Test(arguments: BackendContract.faithful)
    func `a unit that is not there is no reply, and later perhaps not asked any more`(_ contract: BackendContract) {
        let bench = contract.bench()
        bench.ask(1)
        let asked = (0..<6).map { _ in bench.ask(9) }
        let other = bench.ask(2)
        bench.finish()
        #expect(asked.first?.error == .noReply)
        #expect(asked.allSatisfy { $0.error == .noReply || $0.error == .silentUnit || $0.error == .restingRange })
        #expect(other.reply?.pdu == .one(22))
    }

    @Test(arguments: BackendContract.faithful)
    func `what is withdrawn before its turn is completed at once, what is on the line runs to its end`(
        _ contract: BackendContract
    ) {
        let bench = contract.bench()
        let (first, second, third) = (bench.ask(1), bench.ask(2), bench.ask(1, .write(5)))
        bench.run(.milliseconds(10))
        bench.backend.withdraw(first.query)
        bench.backend.withdraw(third.query)
        bench.backend.withdraw(third.query)
        #expect(first.exchange == nil)
        #expect(third.error == .withdrawn)
        #expect(third.exchange?.sent == nil)
        bench.finish()
        #expect(first.reply?.pdu == .one(11))
        #expect(second.reply?.pdu == .one(22))
        let read = bench.ask(1)
        bench.finish()
        #expect(read.reply?.pdu == .one(11))
    }

    @Test(arguments: BackendContract.faithful)
    func `what comes with a deadline that has passed is not sent`(_ contract: BackendContract) {
        let bench = contract.bench()
        let busy = bench.ask(1)
        let late = bench.ask(1, .write(5), within: .zero)
        bench.finish()
        #expect(busy.reply != nil)
        #expect(late.error == .expired || late.error == .overloaded)
        #expect(late.exchange?.sent == nil)
    }

    @Test(arguments: BackendContract.faithful)
    func `stopping answers what waits and whatever comes, and lets what is on the line end`(
        _ contract: BackendContract
    ) {
        let bench = contract.bench()
        let (first, second) = (bench.ask(1), bench.ask(2))
        bench.run(.milliseconds(10))
        bench.stop()
        #expect(second.error == .stopping)
        #expect(bench.ask(1).error == .stopping)
        bench.finish()
        #expect(first.reply?.pdu == .one(11))
    }

    @Test(arguments: BackendContract.all)
    func `withdrawing what is finished or was never asked does nothing`(_ contract: BackendContract) {
        let bench = contract.bench()
        let finished = bench.ask(1)
        bench.run(.seconds(10))
        let other = bench.ask(1)
        bench.backend.withdraw(finished.query)
        bench.backend.withdraw(
            Query(
                number: 4711, client: finished.query.client, unit: 1, pdu: .readOne, isRead: true, arrived: .start,
                deadline: nil))
        #expect(other.error != .withdrawn)
        bench.finish()
        #expect(finished.exchange != nil)
    }

    @Test(arguments: BackendContract.all)
    func `a completion may ask, withdraw what waits and what is just finished, and stop`(_ contract: BackendContract) {
        let bench = contract.bench()
        var left = 5
        bench.onCompletion = { [unowned bench] finished in
            bench.backend.withdraw(finished.query)
            guard left > 0 else { return }
            left -= 1
            let (next, further) = (bench.ask(2), bench.ask(1, .write(5)))
            bench.backend.withdraw(further.query)
            bench.backend.withdraw(next.query)
            bench.ask(1)
            if left == 0 { bench.stop() }
        }
        for _ in 0..<3 { bench.ask(1) }
        bench.run(.seconds(60))
        #expect(left == 0)
        #expect(bench.ask(1).error != nil)
        bench.finish()
    }

    @Test(arguments: BackendContract.all)
    func `stopping answers everything, and then everything at once`(_ contract: BackendContract) {
        let bench = contract.bench()
        let asked = (0..<20).map { bench.ask($0.isMultiple(of: 3) ? 2 : 1, within: .seconds(60)) }
        bench.run(.milliseconds(100))
        bench.stop()
        bench.run(.seconds(5))
        #expect(asked.allSatisfy { $0.exchange != nil })
        #expect((0..<5).allSatisfy { _ in bench.ask(1).exchange != nil })
    }

    @Test(arguments: BackendContract.all)
    func `a completion may ask again`(_ contract: BackendContract) {
        let bench = contract.bench()
        bench.chain(200)
        bench.run(.seconds(600))
        #expect(bench.chained == 200)
    }

    @Test(arguments: BackendContract.all, 1...10)
    func `each query is completed once and by its deadline, whatever becomes of it`(
        _ contract: BackendContract, _ seed: Int
    ) throws {
        let bench = contract.bench()
        var random = RandomSource(seed: UInt64(seed))
        let pdus: [PDU] = [
            .readOne, .readOne, .write(1), .write(2), PDU(read: .readCoils, address: 0, quantity: 1),
            PDU(read: .readHoldingRegisters, address: 9, quantity: 125), try PDU([3, 0, 0, 0, 0]),
            try PDU([0x65, 1, 2]),
        ]
        let units: [UnitIdentifier] = [0, 1, 1, 1, 2, 2, 9]
        for step in 0..<200 {
            if step == 180 { bench.stop() }
            let time: Duration? =
                random.chance(0.5) ? random.duration(.zero ... .seconds(2)) : nil
            let unit = try #require(units.randomElement(using: &random))
            bench.ask(unit, try #require(pdus.randomElement(using: &random)), within: time)
            if random.chance(0.3), let victim = bench.asked.randomElement(using: &random) {
                bench.backend.withdraw(victim.query)
            }
            if random.chance(0.5) { bench.run(random.duration(.zero ... .milliseconds(300))) }
        }
        bench.run(.seconds(600))
        bench.finish()
        for asked in bench.asked {
            guard let deadline = asked.query.deadline, let exchange = asked.exchange else { continue }
            #expect(exchange.finished <= deadline, "seed \(seed): \(asked.query)")
        }
    }
}
