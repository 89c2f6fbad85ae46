import Simulation
import Testing

/// The deterministic simulation: many worlds, checked after every step.
@Suite struct SimulationTests {
    private let simulation = Simulation(duration: .seconds(10))

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `no rule is broken in the world of a seed`(seed: UInt64) {
        let result = simulation.run(seed: seed)
        #expect(result.violation == nil, "\(result.violation?.description ?? "")")
        #expect(result.completed > 0)
    }

    @Test(arguments: [1, 7, 42, 4711] as [UInt64])
    func `the same seed is the same world`(seed: UInt64) {
        let (first, second) = (simulation.run(seed: seed), simulation.run(seed: seed))
        #expect(first.exchanges == second.exchanges)
        #expect(first.completed == second.completed)
    }

    @Test func `different seeds are different worlds`() {
        let results = (100..<110 as Range<UInt64>).map { simulation.run(seed: $0) }
        #expect(Set(results.map { [$0.exchanges, $0.completed] }).count >= 9)
    }

    @Test func `worlds have exchanges and completions`() {
        let results = (200..<210 as Range<UInt64>).map { simulation.run(seed: $0) }
        #expect(results.reduce(0) { $0 + $1.exchanges } > 100)
        #expect(results.reduce(0) { $0 + $1.completed } > 100)
    }

    @Test func `tracing changes nothing`() {
        let traced = Simulation(duration: .seconds(10), isTracing: true)
        let (quiet, told) = (simulation.run(seed: 9), traced.run(seed: 9))
        #expect(quiet.exchanges == told.exchanges && quiet.completed == told.completed)
    }
}
