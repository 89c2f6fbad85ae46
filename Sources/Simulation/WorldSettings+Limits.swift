internal import Broker
internal import Modbus
internal import Simulator

extension WorldSettings {
    /// What lines and listeners refuse to read, the parts in which lines are asked, and numbers that lead to unit 0 and
    /// away from it.
    ///
    /// - Parameter random: used for nothing else, so a world with none of this is what it was before.
    mutating func drawLimits(_ random: RandomSource) {
        var random = random
        let (hasRules, hasReadLimits) = (random.chance(0.25), random.chance(0.25))
        let (mapsZero, allowsBroadcast) = (random.chance(0.25), random.chance(0.2))
        if mapsZero { drawZero(&random) }
        if hasRules { drawRules(&random) }
        if hasReadLimits { for index in lines.indices { lines[index].drawReadLimit(&random) } }
        self.allowsBroadcast = allowsBroadcast
        if allowsBroadcast { for index in tcpClients.indices { tcpClients[index].allowsBroadcast = true } }
        if hasRules { drawRulesOfDongles(&random) }
    }

    private mutating func drawRulesOfDongles(_ random: inout RandomSource) {
        for index in lines.indices where random.chance(0.3) {
            lines[index].dongleReads = ReadRules(of: .dongle(line: index), lines, &random)
        }
    }

    private mutating func drawZero(_ random: inout RandomSource) {
        let numbered = lines.indices.filter { lines[$0].firstNumber != nil }
        for index in numbered { lines[index].hasNumberForZero = random.chance(0.5) }
        guard let index = numbered.randomElement(using: &random), random.chance(0.7) else { return }
        lines[index].unitOfZero = UInt8.random(in: 0...UInt8(lines[index].units), using: &random)
    }

    private mutating func drawRules(_ random: inout RandomSource) {
        for index in lines.indices where random.chance(0.5) {
            lines[index].reads = ReadRules(of: Entrance(line: index), lines, &random)
        }
        for index in tcpClients.indices where random.chance(0.3) {
            tcpClients[index].reads = ReadRules(of: tcpClients[index], lines, &random)
        }
        for index in terminals.indices where random.chance(0.3) {
            terminals[index].reads = ReadRules(of: terminals[index], lines, &random)
        }
    }
}

extension LineSettings {
    fileprivate mutating func drawReadLimit(_ random: inout RandomSource) {
        func limit() -> UInt16 { [7, 50, 64, 100].randomElement(using: &random) ?? 50 }
        if random.chance(0.5) { readLimit = limit() }
        for unit in 1...UInt8(units) where random.chance(0.3) { unitLimits[UnitIdentifier(rawValue: unit)] = limit() }
    }
}

extension ReadRules {
    private static let functions = ([0x01, 0x03, 0x04, 0x20] as [UInt8]).map { FunctionCode(rawValue: $0) }

    /// Within the addresses that clients read, and for the units that are known there.
    fileprivate init(of entrance: Entrance, _ lines: [LineSettings], _ random: inout RandomSource) {
        self.init()
        let routing = Routing(lines)
        func block(_ function: FunctionCode, _ addresses: ClosedRange<UInt16>) -> Block {
            let unit = random.chance(0.3) ? routing.drawUnit(entrance, &random) : nil
            return Block(function, addresses, unit: unit)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let first = UInt16.random(in: 0..<450, using: &random)
            let last = first + UInt16.random(in: 0..<100, using: &random)
            refused.append(block(Self.functions.randomElement(using: &random) ?? .readCoils, first...last))
        }
        guard random.chance(0.4) else { return }
        // Two blocks that meet, in the midst of what is read.
        allowed = Self.functions.filter { _ in random.chance(0.8) }.flatMap { function in
            let middle = UInt16.random(in: 0..<500, using: &random)
            return [block(function, 0...middle), block(function, (middle + 1)...UInt16.max)]
        }
    }
}
