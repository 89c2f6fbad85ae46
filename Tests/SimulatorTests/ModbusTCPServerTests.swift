import Broker
import Growatt
import Modbus
import Simulator
import Testing

/// A ``Bus`` whose units are behind a Modbus TCP server.
struct ModbusTCPServerTests {
    /// Every holding register of unit 1 has its own value.
    private static func bench(_ disturbance: SimulatedServerLink.Disturbance) -> (BackendBench, SimulatedServerLink) {
        var made: SimulatedServerLink?
        let bench = BackendBench { timeline in
            let registers = Dictionary(uniqueKeysWithValues: (UInt16(0)..<2000).map { ($0, $0 &* 31 &+ 5) })
            var settings = SimulatedUnitsBackend.Settings()
            settings.replyTime = .milliseconds(20)
            let server = SimulatedUnitsBackend(
                settings, units: [(1, DatasetUnit(Dataset.Unit(holding: registers)))], timeline: timeline)
            let link = SimulatedServerLink(server, timeline, disturbance)
            let bus = Bus(settings: SimulatedServerLink.settings(), timeline: timeline, link: link) { _ in }
            link.bus = bus
            bus.lineOpened()
            made = link
            return (bus, { bus.stop {} })
        }
        guard let made else { preconditionFailure("the bench makes its backend") }
        return (bench, made)
    }

    @Test(arguments: 1...20)
    func `R3 R4 lost, late, repeated and wrong replies never give a wrong value`(_ seed: Int) {
        let (bench, link) = Self.bench(
            .init(loss: 0.05, late: 0.1, twice: 0.1, wrong: 0.1, seed: UInt64(seed)))
        var random = RandomSource(seed: UInt64(seed))
        var asked: [(UInt16, BackendBench.Asked)] = []
        for _ in 0..<300 {
            let address = UInt16.random(in: 0..<2000, using: &random)
            asked.append((address, bench.ask(1, PDU(read: .readHoldingRegisters, address: address, quantity: 1))))
            bench.run(random.duration(.zero ... .milliseconds(200)))
        }
        bench.finish()
        for (address, asked) in asked {
            guard let reply = asked.reply else { continue }
            #expect(reply.pdu == .one(address &* 31 &+ 5), "seed \(seed): address \(address)")
        }
        #expect(asked.count { $0.1.reply != nil } > 250, "seed \(seed)")
        #expect(link.discarded > 0, "seed \(seed)")
    }

    @Test func `R9 a read is asked twice and a write once`() {
        let (bench, _) = Self.bench(.init(loss: 1))
        let (read, write) = (bench.ask(1), bench.ask(1, .write(3)))
        bench.finish()
        #expect(read.error == .noReply)
        #expect(read.exchange?.attempts == 2)
        #expect(write.error == .noReply)
        #expect(write.exchange?.attempts == 1)
    }

    @Test func `a write to unit 0 is answered by the server, and not by the bus`() {
        let (bench, _) = Self.bench(.init(loss: 1))
        let write = bench.ask(0, .write(3))
        bench.finish()
        #expect(write.error == .noReply)
    }

    @Test func `the first write goes out without a read before it: nothing hears itself`() {
        let (bench, _) = Self.bench(.init())
        let write = bench.ask(1, .write(3))
        bench.run(.milliseconds(25))
        #expect(write.reply?.pdu == .write(3))
        bench.finish()
    }
}
