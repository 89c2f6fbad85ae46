internal import ArgumentParser
internal import Simulation

struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The dongle and Home Assistant on a line that loses 5.5 % of the replies, at the default settings.",
        discussion: "Fails if more than 1 % of either's requests stay unanswered, or the dongle waits 0.5 s or longer.")

    @Option(help: "How many runs.")
    var seeds: UInt64 = 5

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "How long each runs, in hours of its own time.")
    var hours: Double = 24

    @Option(help: "From the last byte on the line to the next request, in seconds.")
    var minPeriod: Double = 0.5

    @Option(help: "The response timeout, in seconds.")
    var rtimeout: Double = 0.9

    func run() throws {
        var scenario = LoadScenario(duration: .seconds(hours * 3600))
        scenario.minPeriod = .seconds(minPeriod)
        scenario.responseTimeout = .seconds(rtimeout)
        var reports: [LoadScenario.Report] = []
        for seed in first..<(first + seeds) {
            let report = scenario.run(seed: seed)
            reports.append(report)
            print("seed \(seed)\n  dongle: \(report.dongle)\n  Home Assistant: \(report.homeAssistant)")
            print("  not answered: \(report.failures.joined(separator: ", "))")
        }
        let dongle = ClientFigures(joining: reports.map(\.dongle))
        let homeAssistant = ClientFigures(joining: reports.map(\.homeAssistant))
        print("together\n  dongle: \(dongle)\n  Home Assistant: \(homeAssistant)")
        let isMissed = reports.contains {
            max($0.dongle.unansweredShare, $0.homeAssistant.unansweredShare) > 0.01
                || $0.dongle.medianWait >= .milliseconds(500)
        }
        if isMissed { throw ExitCode.failure }
    }
}
