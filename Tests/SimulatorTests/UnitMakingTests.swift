import Broker
import Growatt
import Modbus
import Simulator
import Testing

struct UnitMakingTests {
    private let clock = SimulatedClock(origin: .start)
    private let read = PDU(read: .readInputRegisters, address: 3026, quantity: 1)

    @Test func `each unit has its own memory, and its own noise`() throws {
        let registers = Dataset.Unit(input: [3026: 2300])
        let dataset = Dataset(units: [5: registers, 2: registers])
        let profile = try Profile(["sunny-day"])
        let units = try DatasetUnit.units(of: dataset, file: "x", profile: profile, clock: clock, seed: 1)
        #expect(units.map(\.0) == [2, 5])
        let now = Instant.start + .seconds(3600)
        #expect(units[0].1.answer(read, at: now) != units[1].1.answer(read, at: now))
        let write = PDU(write: .writeSingleRegister, address: 7, value: 9)
        _ = units[0].1.answer(write, at: now)
        #expect(units[0].1.registers.holding == [7: 9])
        #expect(units[1].1.registers.holding == [:])
    }

    @Test func `without a profile nothing moves`() throws {
        let dataset = try Dataset(named: "min-6000tl-xh")
        let unit = try #require(try DatasetUnit.units(of: dataset, file: "x", clock: clock, seed: 1).first?.1)
        #expect(unit.answer(read, at: .start) == unit.answer(read, at: .start + .seconds(1_000_000)))
    }

    @Test(
        "a plant needs to know the family, other profiles do not",
        arguments: [(#"{"holding": {"1": 2}}"#, "it is missing"), (#"{"_family": "xyz"}"#, "\"xyz\" is none")])
    func family(_ text: String, _ message: String) throws {
        let dataset = try Dataset(json: Array(text.utf8), file: "x.json")
        let (sunny, counter) = (try Profile(["sunny-day"]), try Profile(["counter"]))
        let error = #expect(throws: DatasetError.self) {
            try DatasetUnit.units(of: dataset, file: "x.json", profile: sunny, clock: clock, seed: 1)
        }
        #expect(error?.description.contains("x.json: _family: unit 1: the profile moves") == true)
        #expect(error?.description.contains(message) == true)
        #expect(try DatasetUnit.units(of: dataset, file: "x", profile: counter, clock: clock, seed: 1).count == 1)
    }
}
