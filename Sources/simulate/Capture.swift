internal import ArgumentParser
internal import Simulation

struct Capture: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recorded traffic of real clients, in front of a line that answers as recorded.",
        discussion: """
            Fails if more than 5 % of the distinct requests stay unanswered, a write is not executed exactly once, a \
            repetition is executed, a reply is stale, or a request is lost.
            """)

    @Argument(help: "A wire log: JSON Lines of REQ, RSP and DROP.", completion: .file())
    var file: String

    @Option(help: "So much longer than recorded, or than by default, is every time: 0.1 to 6.")
    var scale = 1.0

    @Option(help: "The same for what clients do; by default as --scale.")
    var clientScale: Double?

    func validate() throws {
        for (name, value) in [("--scale", scale), ("--client-scale", clientScale ?? 1)]
        where !(0.1...6).contains(value) {
            throw ValidationError("\(name) \(value): 0.1 to 6 is allowed")
        }
    }

    func run() throws {
        var scenario = CaptureScenario(try CaptureLog(path: file))
        scenario.scale = scale
        scenario.clientScale = clientScale
        let report = scenario.run()
        print("dongle: \(report.dongle)\nTCP: \(report.tcp)")
        for text in report.unanswered { print("  unanswered: \(text)") }
        print("\(report.transmissions) transmissions, \(report.collisions) while a reply was on its way")
        print("\(report.writes) distinct writes, not executed once: \(report.wrongWrites)")
        print("repetitions: \(report.repeatsJoined) joined, \(report.repeatsExecuted) executed beside their request")
        print("  \(report.askedAgain) came after the answer, and were executed")
        print("stale replies: \(report.staleReplies)")
        print("requests of the dongle: \(report.sentByDongle.count) sent, \(report.foundByBroker.count) found")
        guard report.unansweredShare <= 0.05, report.wrongWrites.isEmpty, report.repeatsExecuted == 0,
            report.staleReplies.isEmpty, report.collisions == 0, report.sentByDongle == report.foundByBroker
        else { throw ExitCode.failure }
    }
}
