import Growatt
import Simulator
import Testing

/// Physical sanity of a simulated year of `sunny-day`.
struct SunnyYearTests {
    private static let days = 365
    /// No part of a day, so that the reads are at other times each day.
    private static let minutesPerRead = 13

    /// Energies, and the powers that they are integrals of, which are read from other registers.
    private static let integrals: [(power: RegisterPlace, total: RegisterPlace)] = [
        (place(3005), place(3057)), (place(3009), place(3061)), (place(3001), place(3053)), (place(3028), place(3051)),
        (place(3041), place(3069)), (place(3043), place(3073)), (place(3045), place(3077)), (place(3178), place(3127)),
        (place(3180), place(3131)),
    ]

    private static func place(_ address: UInt16) -> RegisterPlace {
        RegisterPlace(.input, address, RegisterEncoding(.u32, scale: 0.1))
    }

    @Test
    func `over a year energies are the integrals of powers, counters never fall, and every register fits its type`()
        throws
    {
        let bench = try ProfileBench(["sunny-day"])
        let first = try Self.integrals.map { try bench.read($0.total) }
        var sums = [Double](repeating: 0, count: Self.integrals.count)
        var last = try Self.integrals.map { try bench.read($0.power) }
        var counters = CounterCheck(bench)
        for step in 1...(Self.days * 1440 / Self.minutesPerRead) {
            let minute = step * Self.minutesPerRead
            if minute % 1440 < Self.minutesPerRead { try counters.checkMidnight(bench, day: minute / 1440) }
            bench.go(to: Double(minute) * 60)
            for (index, pair) in Self.integrals.enumerated() {
                let power = try bench.read(pair.power)
                sums[index] += (last[index] + power) / 2 * Double(Self.minutesPerRead) / 60 / 1000
                last[index] = power
            }
            if step % 12 == 0 {
                try counters.check(bench)
            }
            if step % 17 == 0 { try expectFits(bench) }
        }
        for (index, pair) in Self.integrals.enumerated() {
            let counted = try bench.read(pair.total) - first[index]
            #expect(counted > 100, "\(pair.total.address)")
            #expect(
                abs(counted - sums[index]) <= 0.005 * counted + 0.1,
                "\(pair.total.address): \(counted), \(sums[index]) kWh")
        }
    }

    @Test func `at every minute of a day voltage × current is power, sums are totals, and AC is DC × efficiency`()
        throws
    {
        let bench = try ProfileBench(["sunny-day"])
        for minute in 0..<1440 {
            bench.go(to: Double(minute) * 60 + 17)
            let strings = try (1...4).map { try bench.quantity("pv\($0).power") }
            for (index, power) in strings.enumerated() {
                let voltage = try bench.read(.input, UInt16(3003 + 4 * index), scale: 0.1)
                let current = try bench.read(.input, UInt16(3004 + 4 * index), scale: 0.1)
                #expect(abs(voltage * current - power) <= 0.05 * voltage + 0.05 * current + 1, "minute \(minute)")
            }
            let total = try bench.read(.input, 3001, .u32, scale: 0.1)
            #expect(abs(total - strings.reduce(0, +)) <= 0.051)
            let direct = try total - bench.quantity("battery.charge") + bench.quantity("battery.discharge")
            let ac = try bench.read(.input, 3023, .s32, scale: 0.1)
            #expect(abs(ac - direct * 0.975) <= 0.2)
            #expect(ac <= 6000.05)
            let house = try bench.read(.input, 3045, .u32, scale: 0.1)
            let exchange = try bench.read(.input, 3041, .u32, scale: 0.1) - bench.read(.input, 3043, .u32, scale: 0.1)
            #expect(abs(ac + exchange - house) <= 0.3)
        }
    }

    private func expectFits(_ bench: ProfileBench) throws {
        for (name, place) in bench.movement.places where !name.contains("energy") && name != "inverter.working-time" {
            let value = try bench.quantity(name)
            #expect(place.encoding.range.contains(value), "\(name) \(value) at \(place.address)")
        }
    }
}

/// That energies rise, and fall to zero only at midnight, those of today.
private struct CounterCheck {
    private let counters: [(name: String, place: RegisterPlace)]
    private var last: [Double]

    init(_ bench: ProfileBench) {
        counters = bench.movement.places.filter {
            $0.quantity.contains("energy") || $0.quantity == "inverter.working-time"
        }
        .map { ($0.quantity, $0.place) }
        last = counters.map { (try? bench.read($0.place)) ?? 0 }
    }

    /// Those of today are zero at midnight, having been not less than before until then.
    mutating func checkMidnight(_ bench: ProfileBench, day: Int) throws {
        bench.go(to: Double(day) * 86400 - 0.001)
        try check(bench)
        bench.go(to: Double(day) * 86400)
        for (index, counter) in counters.enumerated() where counter.name.hasSuffix("today") {
            last[index] = try bench.read(counter.place)
            #expect(last[index] == 0, "\(counter.name) at midnight")
        }
    }

    mutating func check(_ bench: ProfileBench) throws {
        for (index, counter) in counters.enumerated() {
            let value = try bench.read(counter.place)
            #expect(value >= last[index], "\(counter.name) at \(counter.place.address) fell, at \(bench.elapsed) s")
            last[index] = value
        }
    }
}

extension ProfileBench {
    /// What a client would read there, without the frames.
    func read(_ place: RegisterPlace) throws -> Double {
        let words = try place.addresses.map { address in
            try #require(movement.value(place.table, UInt16(address), stored: nil), "\(address) does not move")
        }
        return place.encoding.value(words)
    }
}
