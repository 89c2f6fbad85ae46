import Broker
import Growatt
import Modbus
import Testing

@testable import Simulator

/// The shipped datasets are plausible at noon, and consistent with themselves.
struct ShippedDatasetTests {
    @Test("every shipped dataset is read, says its family, and can be written", arguments: Resource.datasets)
    func whole(_ name: String) throws {
        let dataset = try Dataset(named: name)
        let unit = try #require(dataset.units[1])
        let family = RegisterFamily(unit, note: dataset.note("_family", of: 1))
        #expect(family == (name == "sph-6000" ? .storage : .tlx))
        #expect(family == RegisterFamily(unit, note: nil))
        #expect(
            String(decoding: dataset.json, as: UTF8.self)
                == String(decoding: try #require(Resource.dataset(name)).bytes, as: UTF8.self))
    }

    /// Registers of PV total, two strings (voltage, current, power), charge, AC, export, house, and the efficiency.
    @Test(
        "powers fit each other",
        arguments: [
            ("min-6000tl-xh", 3001, 3180, 3023, 3043, 3045, 0.975), ("sph-6000", 1, 1011, 35, 1029, 1037, 0.97),
        ]
            as [(String, UInt16, UInt16, UInt16, UInt16, UInt16, Double)])
    func powers(
        _ name: String, _ pv: UInt16, _ charge: UInt16, _ ac: UInt16, _ export: UInt16, _ load: UInt16,
        _ efficiency: Double
    ) throws {
        let input = try #require(try Dataset(named: name).units[1]?.input)
        func power(_ address: UInt16) -> Double { number(input, address) }
        for string in [pv + 2, pv + 6] {
            let product = Double(input[string] ?? 0) * Double(input[string + 1] ?? 0) / 100
            #expect(abs(product - power(string + 2)) < 0.06)
        }
        #expect(abs(power(pv + 4) + power(pv + 8) - power(pv)) < 0.06)
        #expect(abs((power(pv) - power(charge)) * efficiency - power(ac)) < 0.06)
        #expect(abs(power(ac) - power(export) - power(load)) < 0.06)
    }

    /// Registers of today, each followed by its total.
    @Test(
        "energies fit each other",
        arguments: [
            ("min-6000tl-xh", 3049, 3067, 3071, 3075, 3083, 3125, 3129, 0.975),
            ("sph-6000", 53, 1044, 1048, 1060, 1149, 1052, 1056, 0.97),
        ] as [(String, UInt16, UInt16, UInt16, UInt16, UInt16, UInt16, UInt16, Double)])
    func energies(
        _ name: String, _ ac: UInt16, _ imported: UInt16, _ exported: UInt16, _ load: UInt16, _ pv: UInt16,
        _ discharge: UInt16, _ charge: UInt16, _ efficiency: Double
    ) throws {
        let input = try #require(try Dataset(named: name).units[1]?.input)
        func energy(_ address: UInt16) -> Double { number(input, address) }
        let direct = energy(pv) - energy(charge) + energy(discharge)
        #expect(abs(direct * efficiency - energy(ac)) < 0.06)
        for total in [UInt16(0), 2] {
            let house = energy(ac + total) + energy(imported + total) - energy(exported + total)
            #expect(abs(house - energy(load + total)) < 0.06)
        }
    }

    /// What the usual integrations ask for beside the groups of the documents.
    @Test(
        "what the usual integrations ask for is there",
        arguments: [
            (
                "min-6000tl-xh",
                [5885...5885, 30000...30000, 30099...30100, 30200...30201, 30407...30410],
                [4019...4078, 4186...4186, 5081...5521, 31000...31004, 31200...31222, 31300...31323]
            ),
            (
                "sph-6000",
                [3016...3019, 3049...3049, 30000...30000, 30099...30100, 30407...30410],
                [125...200, 234...235, 3000...3119, 31000...31019, 31100...31132, 31200...31222]
            ),
        ] as [(String, [ClosedRange<UInt16>], [ClosedRange<UInt16>])])
    func asked(_ name: String, _ holding: [ClosedRange<UInt16>], _ input: [ClosedRange<UInt16>]) throws {
        let unit = try #require(try Dataset(named: name).units[1])
        #expect(holding.joined().filter { unit.holding[$0] == nil } == [])
        #expect(input.joined().filter { unit.input[$0] == nil } == [])
        #expect(unit.holding[30000] == unit.holding[43])
    }

    @Test("what is repeated elsewhere is the same there, at rest and when it moves", arguments: Resource.datasets)
    func mirrors(_ name: String) throws {
        let unit = try #require(try Dataset(named: name).units[1])
        let family = try #require(RegisterFamily(unit, note: nil))
        try expectSame(family) { place in
            place.encoding.value(place.addresses.map { unit[place.table][UInt16($0)] ?? 0 })
        }
        let bench = try ProfileBench(["battery-cycle"], dataset: name)
        for hour in 0..<24 {
            bench.go(to: Double(hour) * 3600 + 1234)
            try expectSame(family) { place in
                try bench.read(place.table, place.address, place.encoding.type, scale: place.encoding.scale)
            }
        }
    }

    private func expectSame(_ family: RegisterFamily, _ read: (RegisterPlace) throws -> Double) throws {
        func first(_ quantity: String) throws -> Double? {
            try family.map.first { $0.quantity == quantity }.map { try read($0.place) }
        }
        #expect(!family.mirrors.isEmpty)
        for (quantity, place) in family.mirrors {
            let (more, less): (String, String?) =
                switch quantity {
                case "grid.net-export": ("grid.export", "grid.import")
                case "grid.power": ("grid.import", "grid.export")
                case "battery.power": ("battery.charge", "battery.discharge")
                default: (quantity, nil)
                }
            guard let expected = try first(more) else { continue }
            let value = try read(place)
            let difference = try expected - (less.flatMap(first) ?? 0) - value
            #expect(abs(difference) < 0.11, "\(quantity) at \(place.address): \(value), not \(expected)")
        }
    }

    @Test func `a plant moves what is repeated only in a dataset that has it`() throws {
        let unit = Dataset.Unit(input: [3000: 1, 3001: 0, 3002: 0])
        var settings = DatasetUnit.Settings()
        settings.isStrict = true
        let clock = SimulatedClock(origin: .start, start: 43200, scale: 1)
        let movement = ProfileMovement(
            try Profile(["sunny-day"]), unit: unit, family: .tlx, clock: clock, seed: 1)
        let strict = DatasetUnit(unit, settings: settings, movement: movement)
        for address in [UInt16(31217), 31000, 4014] {
            let reply = strict.answer(PDU(read: .readInputRegisters, address: address, quantity: 1), at: .start)
            #expect(reply?.exceptionCode == .illegalDataAddress)
        }
    }

    /// Two registers in tenths.
    private func number(_ input: [UInt16: UInt16], _ address: UInt16) -> Double {
        Double(UInt32(input[address] ?? 0) << 16 | UInt32(input[address + 1] ?? 0)) / 10
    }
}
