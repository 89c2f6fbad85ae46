internal import Modbus
internal import Simulator

extension SilenceScenario {
    /// The first client sends good reads. One to four others send any: of absent ranges, of good ones, of missing units, few or
    /// many, seldom or often. Unit 1 answers up to 29,999, and is silent beyond.
    package static func random(seed: UInt64) -> SilenceScenario {
        var random = RandomSource(seed: seed)
        let polite = Asker("good", (0..<3).map { read($0 * 20) }, every: .seconds(15), from: .seconds(seed % 3 * 60))
        let others = (0..<Int.random(in: 1...4, using: &random)).map { _ in other(&random) }
        return SilenceScenario([polite] + others, for: .seconds(900)) { unit, request, _ in
            unit == 1 && (request.word(at: 1) ?? 0) < 30_000
        }
    }

    private static func read(_ address: UInt16, _ quantity: UInt16 = 20) -> PDU {
        PDU(read: .readInputRegisters, address: address, quantity: quantity)
    }

    private static func other(_ random: inout RandomSource) -> Asker {
        let absent = UInt16([0, 1, 3, 8, 40, 200].randomElement(using: &random) ?? 1)
        let good = UInt16([0, 1, 5].randomElement(using: &random) ?? 1)
        let length = UInt16([1, 20, 125].randomElement(using: &random) ?? 20)
        var reads =
            (0..<absent).map { read(30_000 + $0 * 125, length) } + (0..<good).map { read(1000 + $0 * 125, length) }
        if reads.isEmpty { reads = [read(30_000)] }
        reads.shuffle(using: &random)
        let period: Duration = .milliseconds([200, 1000, 5000, 15_000].randomElement(using: &random) ?? 1000)
        let unit: UnitIdentifier = random.chance(0.2) ? 3 : 1
        let from: Duration = .seconds([0, 0, 100, 400].randomElement(using: &random) ?? 0)
        return Asker(
            "\(absent) absent, \(good) good, \(length) registers, unit \(unit.rawValue), every \(period)", reads,
            every: period, unit: unit, from: from)
    }
}
