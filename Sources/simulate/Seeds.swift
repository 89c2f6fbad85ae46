internal import ArgumentParser
internal import Simulation

struct Seeds: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Worlds made by their seeds, in which everything happens that may happen (default).")

    @Option(help: "How many worlds.")
    var seeds: UInt64 = 2000

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "How long each world runs, in seconds of its own time.")
    var seconds: Int = 60

    @Flag(help: "Tell what led to a violation.")
    var trace = false

    func run() throws {
        let simulation = Simulation(duration: .seconds(seconds), isTracing: trace)
        let clock = ContinuousClock()
        var exchanges = 0
        var completed = 0
        let elapsed = try clock.measure {
            for seed in first..<(first + seeds) {
                let result = simulation.run(seed: seed)
                exchanges += result.exchanges
                completed += result.completed
                if let violation = result.violation {
                    for line in violation.trace { print(line) }
                    print("seed \(seed): \(violation)")
                    throw ExitCode.failure
                }
            }
        }
        let rate = Int(Double(exchanges) / (elapsed / .seconds(1)))
        let hours = Int(seeds) * seconds / 3600
        print("\(seeds) seeds, \(hours) h on the line: \(exchanges) exchanges, \(completed) requests, no rule broken")
        print("\(rate) exchanges/s in \(elapsed)")
    }
}
