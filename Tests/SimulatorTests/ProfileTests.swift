import Broker
import Growatt
import Modbus
import Simulator
import Testing

struct ProfileTests {
    @Test("every shipped profile runs a day on every shipped dataset", arguments: Resource.profiles, Resource.datasets)
    func day(_ name: String, _ dataset: String) throws {
        let bench = try ProfileBench([name], dataset: dataset)
        for minute in 0..<1440 {
            bench.go(to: Double(minute) * 60 + 7)
            for (quantity, place) in bench.movement.places {
                let value = try bench.quantity(quantity)
                #expect(place.encoding.range.contains(value), "\(quantity) \(value) at minute \(minute)")
            }
        }
    }

    @Test(
        "the same seed gives the same registers however often they are read, another seed others",
        arguments: ["sunny-day", "cloudy-day", "battery-cycle", "grid-outage"])
    func repeatable(_ name: String) throws {
        let walk =
            "registers: [{register: input 900, random-walk: {start: 9, step: 3, every: 7s, maximum: 50}},"
            + " {register: input 901, noise: {mean: 500, amplitude: 400}}]"
        let (often, once) = (
            try ProfileBench([name], yaml: walk, seed: 7), try ProfileBench([name], yaml: walk, seed: 7)
        )
        let other = try ProfileBench([name], yaml: walk, seed: 8)
        for second in stride(from: 0.0, to: 100_000, by: 37) {
            often.go(to: second)
            if Int(second) % 999 == 0 { _ = often.dump() }
        }
        for bench in [often, once, other] { bench.go(to: 100_000) }
        #expect(often.dump() == once.dump())
        #expect(other.dump() != once.dump())
    }

    @Test func `time scale and start time change when, and not what`() throws {
        let plain = try ProfileBench(["cloudy-day"])
        let fast = try ProfileBench(["cloudy-day"], scale: 60)
        let late = try ProfileBench(["cloudy-day"], start: 36_000)
        plain.go(to: 50_000)
        fast.go(to: 50_000)
        late.go(to: 14_000)
        #expect(fast.now.nanoseconds == 833_333_333_333)
        for name in ["pv.power", "ac.power", "battery.soc", "grid.voltage", "load.energy.today"] {
            #expect(abs(try plain.quantity(name) - fast.quantity(name)) < 1e-3, "\(name)")
            #expect(try plain.quantity(name) == late.quantity(name), "\(name)")
        }
    }

    @Test func `totals go on from what the dataset has, and today counts from midnight`() throws {
        let bench = try ProfileBench(["sunny-day"], start: 12 * 3600)
        #expect(try bench.read(.input, 3053, .u32, scale: 0.1) == 15712)
        #expect(try bench.read(.input, 3083, .u32, scale: 0.1) > 5)
        bench.go(to: 11.99 * 3600)
        #expect(try bench.read(.input, 3083, .u32, scale: 0.1) > 20)
        bench.go(to: 12 * 3600)
        #expect(try bench.read(.input, 3083, .u32, scale: 0.1) == 0)
        #expect(try bench.read(.input, 3053, .u32, scale: 0.1) > 15720)
    }

    @Test func `static: nothing moves`() throws {
        let bench = try ProfileBench(["static"])
        let before = bench.dump()
        bench.go(to: 1e6)
        #expect(bench.dump() == before)
    }

    @Test func `counter: stored values above address 100 rise by 1 a second, as the first prototype had it`() throws {
        let bench = try ProfileBench([Profile.mutate])
        let before = try [100, 102, 3003, 3170, 100].map { try bench.read(.input, $0) }
        let setting = try bench.read(.holding, 3047)
        bench.go(to: 12.7)
        let after = try [100, 102, 3003, 3170, 100].map { try bench.read(.input, $0) }
        // 3170 is negative.
        #expect(zip(before, after).map { $1 - $0 } == [0, 12, 12, 0, 0])
        #expect(try bench.read(.holding, 3047) == setting + 12)
        #expect(try bench.read(.input, 20_000) == 0)
    }

    @Test func `sleeping-inverter: nothing is answered from dusk to dawn`() throws {
        let bench = try ProfileBench(["sleeping-inverter"])
        let request = PDU(read: .readInputRegisters, address: 0, quantity: 1)
        for (hour, answers) in [(0.0, false), (5.99, false), (6.01, true), (19.99, true), (20.01, false), (30.1, true)]
        {
            bench.go(to: hour * 3600)
            #expect((bench.unit.answer(request, at: bench.now) != nil) == answers, "\(hour) h")
        }
    }

    @Test func `grid-outage: no grid then, and the house lives on sun and battery`() throws {
        let bench = try ProfileBench(["grid-outage"])
        bench.go(to: 10.9 * 3600)
        #expect(try bench.read(.input, 3026, scale: 0.1) > 225)
        #expect(try bench.quantity("backup.power") == 0)
        let exported = try bench.quantity("grid.export.energy.total")
        bench.go(to: 11.02 * 3600)
        let imported = try bench.quantity("grid.import.energy.total")
        bench.go(to: 12.4 * 3600)
        #expect(try bench.read(.input, 3026, scale: 0.1) == 0)
        #expect(try bench.read(.input, 3158, .u32, scale: 0.1) > 200)
        #expect(try bench.quantity("load.power") == bench.quantity("backup.power"))
        #expect(try bench.quantity("grid.import.energy.total") == imported)
        bench.go(to: 12.6 * 3600)
        #expect(try bench.read(.input, 3026, scale: 0.1) > 225)
        #expect(try bench.quantity("grid.export.energy.total") > exported)
    }

    @Test func `battery-cycle: the state of charge follows the energies, within its bounds`() throws {
        let bench = try ProfileBench(["battery-cycle"])
        var charges: [Double] = []
        for minute in 0...(3 * 1440) {
            bench.go(to: Double(minute) * 60)
            let charge = try bench.quantity("battery.soc")
            charges.append(charge)
            let (input, output) = try (
                bench.quantity("battery.charge.energy.total"), bench.quantity("battery.discharge.energy.total")
            )
            #expect(abs(charge - (20 + (input * 0.97 - output / 0.97) / 10 * 100)) < 1e-6)
            #expect((10...100).contains(charge))
        }
        #expect((charges.max() ?? 0) > 90)
        #expect((charges.min() ?? 100) < 21)
    }

    @Test func `temperature follows the load with a lag`() throws {
        let bench = try ProfileBench(["sunny-day"])
        bench.go(to: 5 * 3600)
        let dawn = try bench.quantity("inverter.temperature")
        bench.go(to: 14 * 3600)
        let noon = try bench.quantity("inverter.temperature")
        bench.go(to: 21.55 * 3600)
        let dusk = try bench.quantity("inverter.temperature")
        bench.go(to: 23.9 * 3600)
        #expect(noon > dawn + 15)
        #expect(try bench.quantity("inverter.temperature") < dusk)
    }

    @Test func `a later profile replaces only what it names`() throws {
        var profile = try Profile(["sunny-day"])
        try profile.add(yaml: Array("plant: {battery: {initial: 80}}".utf8), file: "p.yaml")
        #expect(profile.plant?.pv.sunrise == 5.5 * 3600)
        #expect(profile.plant?.battery.initial == 0.8)
        #expect(profile.plant?.battery.capacity == 5100)
    }
}
