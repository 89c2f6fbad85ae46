import Broker
import Modbus
import Testing

@testable import Simulation
@testable import Simulator

/// What seeds decide: everything that the simulation is said to cover must come.
@Suite struct WorldSettingsTests {
    private let worlds = (1...200 as ClosedRange<UInt64>).map { seed in
        var random = RandomSource(seed: seed)
        return WorldSettings(&random)
    }

    @Test func `there are worlds of one, two and three lines`() {
        #expect(Set(worlds.map(\.lines.count)) == [1, 2, 3])
    }

    @Test func `there are none to three pseudo-terminals, also at listeners of one line`() {
        #expect(Set(worlds.map(\.terminals.count)) == [0, 1, 2, 3])
        #expect(worlds.contains { $0.terminals.contains { $0.line != nil } })
    }

    @Test func `there are rates, rates that change, and read-only listeners`() {
        #expect(worlds.contains { $0.rate != nil } && worlds.contains { $0.rate == nil })
        #expect(worlds.contains { $0.changesRate })
        #expect(worlds.contains { $0.tcpClients.contains(where: \.isReadOnly) })
    }

    @Test func `there are reads that are refused, reads in parts, and numbers that lead to unit 0 and from it`() {
        let lines = worlds.flatMap(\.lines)
        let (clients, terminals) = (worlds.flatMap(\.tcpClients), worlds.flatMap(\.terminals))
        for reads in [lines.map(\.reads), lines.map(\.dongleReads), clients.map(\.reads), terminals.map(\.reads)] {
            #expect(reads.contains { !$0.refused.isEmpty } && reads.contains { $0.allowed != nil })
            #expect(reads.contains { $0.refused.contains { $0.unit != nil } })
        }
        #expect(lines.contains { $0.readLimit != nil } && lines.contains { !$0.unitLimits.isEmpty })
        #expect(lines.contains { $0.hasNumberForZero })
        #expect(lines.contains { $0.unitOfZero == 0 } && lines.contains { $0.unitOfZero ?? 0 > 0 })
        #expect(worlds.contains { $0.allowsBroadcast })
    }

    @Test func `there are faults of every kind, and no copy of a reply that would come behind the next request`() {
        let lines = worlds.flatMap(\.lines)
        for kind in FaultKinds.all {
            let rules = lines.flatMap(\.line.faults).filter { type(of: $0.fault.kind) == kind }
            #expect(rules.contains { $0.probability > 0 }, "\(kind.word)")
        }
        #expect(lines.contains { $0.line.faults.allSatisfy { $0.probability == 0 } })
        for line in lines where line.line.largestPiece > 0 && line.bus.minPeriod == .zero {
            #expect(!line.line.faults.contains { $0.fault.kind is DuplicateFault })
        }
    }

    @Test func `every world has somebody who asks`() {
        #expect(
            worlds.allSatisfy {
                !$0.tcpClients.isEmpty || !$0.terminals.isEmpty || $0.lines.contains(where: \.hasDongle)
            })
    }

    @Test func `every unit of every line has one number, and no two have the same`() {
        for world in worlds {
            let routing = Routing(world.lines)
            let numbers = world.lines.indices.compactMap { routing.numbers(of: $0) }.flatMap(\.keys)
            #expect(Set(numbers).count == numbers.count)
            for (index, line) in world.lines.enumerated() where line.firstNumber != nil {
                for (asked, own) in routing.numbers(of: index) ?? [:] {
                    let way = routing.destination(of: asked, isRead: true, from: Entrance(line: nil))
                    #expect(way?.line == index && way?.unit == own)
                }
            }
        }
    }

    @Test func `a pseudo-terminal keeps what was not read, and no more than fits`() {
        let terminal = Terminal(size: 4)
        terminal.write([1, 2, 3], answering: 1)
        terminal.write([4, 5], answering: 2)
        #expect(terminal.read(2).map(\.byte) == [1, 2])
        #expect(terminal.read(9).map(\.request) == [1, 2])
        #expect(terminal.isEmpty)
        terminal.write([1], answering: 3)
        terminal.discard()
        #expect(terminal.read(9).isEmpty)
    }
}
