import Modbus
import Recording
import Simulator
import Testing

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

    /// Two registers in tenths.
    private func number(_ input: [UInt16: UInt16], _ address: UInt16) -> Double {
        Double(UInt32(input[address] ?? 0) << 16 | UInt32(input[address + 1] ?? 0)) / 10
    }
}
