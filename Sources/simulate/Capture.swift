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

    func run() throws {
        let report = CaptureScenario(try CaptureLog(path: file)).run()
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
