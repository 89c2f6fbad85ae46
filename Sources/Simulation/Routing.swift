internal import Broker
internal import Modbus
internal import Simulator

/// Which unit of which line a number stands for: a second opinion beside the broker's routes.
struct Routing {
    /// Is on every line and never answers.
    static let deadUnit: UInt8 = 9
    /// Is on the line that takes every number, or on none.
    private static let strangeUnit: UInt8 = 77
    /// Added to a line's first number: what clients call its unit 0.
    private static let numberForZero: UInt8 = 8

    /// nil: a line that is not there.
    private let lines: [LineRoutes?]

    init(_ lines: [LineRoutes?]) {
        self.lines = lines
    }

    init(_ lines: [LineSettings]) {
        self.init(lines.map(\.routes))
    }

    /// nil: there is no way to it. A write to unit 0 is one to all units, and goes to no single one.
    func destination(
        of unit: UnitIdentifier, isRead: Bool, from entrance: Entrance
    ) -> (line: Int, unit: UnitIdentifier)? {
        if let line = entrance.line { return lines[line].map { _ in (line, unit) } }
        for (index, line) in lines.enumerated() {
            guard unit.rawValue == 0, line?.firstNumber != nil, let own = line?.unitOfZero, isRead || own == 0 else {
                continue
            }
            return (index, UnitIdentifier(rawValue: own))
        }
        for (index, line) in lines.enumerated() {
            guard let line, let first = line.firstNumber, unit.rawValue > first, unit.rawValue < first + 10 else {
                continue
            }
            let own = unit.rawValue - first
            if own == Self.numberForZero, line.hasNumberForZero { return (index, .broadcast) }
            if own <= line.units || own == Self.deadUnit { return (index, UnitIdentifier(rawValue: own)) }
        }
        return lines.firstIndex { $0.map { $0.firstNumber == nil } ?? false }.map { ($0, unit) }
    }

    /// As the broker is told it; nil: the line takes every unit that no other names.
    func numbers(of line: Int) -> [UnitIdentifier: UnitIdentifier]? {
        guard let line = lines[line], let first = line.firstNumber else { return nil }
        let own = (1...UInt8(line.units)).map { $0 } + [Self.deadUnit]
        var numbers = Dictionary(
            uniqueKeysWithValues: own.map { (UnitIdentifier(rawValue: first + $0), UnitIdentifier(rawValue: $0)) })
        if line.hasNumberForZero { numbers[UnitIdentifier(rawValue: first + Self.numberForZero)] = .broadcast }
        if let own = line.unitOfZero { numbers[.broadcast] = UnitIdentifier(rawValue: own) }
        return numbers
    }

    /// A unit that a client of this entrance asks, with all lines there.
    func drawUnit(_ entrance: Entrance, _ random: inout RandomSource) -> UnitIdentifier {
        let lines = lines.compactMap(\.self)
        let index = entrance.line ?? Int.random(in: lines.indices, using: &random)
        var own = UInt8.random(in: 1...UInt8(lines[index].units), using: &random)
        if random.chance(0.03) { own = Self.deadUnit }
        if entrance.line == nil {
            if lines[index].hasNumberForZero, random.chance(0.15) { own = Self.numberForZero }
            if lines[index].unitOfZero != nil, random.chance(0.15) { return .broadcast }
        }
        if entrance.line == nil, random.chance(0.01) { return UnitIdentifier(rawValue: Self.strangeUnit) }
        let first = entrance.line == nil ? lines[index].firstNumber ?? 0 : 0
        return UnitIdentifier(rawValue: first + own)
    }
}
