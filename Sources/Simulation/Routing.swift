internal import Broker
internal import Modbus
internal import Simulator

/// Which unit of which line a number stands for: a second opinion beside the broker's router.
struct Routing {
    /// Is on every line and never answers.
    static let deadUnit: UInt8 = 9
    /// Is on the line that takes every number, or on none.
    private static let strangeUnit: UInt8 = 77

    private let lines: [(units: Int, firstNumber: UInt8?)]

    init(_ lines: [LineSettings]) {
        self.lines = lines.map { ($0.units, $0.firstNumber) }
    }

    /// nil: there is no way to it.
    func destination(of unit: UnitIdentifier, from entrance: Entrance) -> (line: Int, unit: UnitIdentifier)? {
        if let line = entrance.line { return (line, unit) }
        for (index, line) in lines.enumerated() {
            guard let first = line.firstNumber, unit.rawValue > first, unit.rawValue < first + 10 else { continue }
            let own = unit.rawValue - first
            if own <= line.units || own == Self.deadUnit { return (index, UnitIdentifier(rawValue: own)) }
        }
        return lines.firstIndex { $0.firstNumber == nil }.map { ($0, unit) }
    }

    /// As the broker is told it; nil: the line takes every unit that no other names.
    func numbers(of line: Int) -> [UnitIdentifier: UnitIdentifier]? {
        guard let first = lines[line].firstNumber else { return nil }
        let own = (1...UInt8(lines[line].units)).map { $0 } + [Self.deadUnit]
        return Dictionary(
            uniqueKeysWithValues: own.map { (UnitIdentifier(rawValue: first + $0), UnitIdentifier(rawValue: $0)) })
    }

    /// A unit that a client of this entrance asks.
    func drawUnit(_ entrance: Entrance, _ random: inout RandomSource) -> UnitIdentifier {
        let index = entrance.line ?? Int.random(in: lines.indices, using: &random)
        var own = UInt8.random(in: 1...UInt8(lines[index].units), using: &random)
        if random.chance(0.03) { own = Self.deadUnit }
        if entrance.line == nil, random.chance(0.01) { return UnitIdentifier(rawValue: Self.strangeUnit) }
        let first = entrance.line == nil ? lines[index].firstNumber ?? 0 : 0
        return UnitIdentifier(rawValue: first + own)
    }
}
