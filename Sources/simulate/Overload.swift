internal import ArgumentParser
internal import Simulation

struct Overload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Two to five patient clients and the dongle on one line: how many requests are refused.",
        discussion: "Each client has one read outstanding, and waits as long as it takes.")

    @Option(help: "How long each runs, in hours of its own time.")
    var hours: Double = 4

    @Option(help: "From an answer to the next request, in seconds.")
    var pause: Double = 1

    @Option(help: "The share of replies that never come.")
    var loss: Double = 0.055

    @Flag(help: "Without the dongle.")
    var alone = false

    func run() {
        print("clients  reply   asked  answered  0x06 %  0x0B %  dongle unanswered %  longest wait")
        for clients in 2...5 {
            for reply in [80, 150, 300] {
                let scenario = OverloadScenario.patient(
                    clients, pause: .seconds(pause), replyTime: .milliseconds(reply), loss: loss,
                    hasDongle: !alone, for: .seconds(hours * 3600))
                print(line(clients, reply, scenario.run()))
            }
        }
    }

    private func line(_ clients: Int, _ reply: Int, _ report: OverloadScenario.Report) -> String {
        let total = report.total
        let dongle = report.dongle.map { percent($0.unansweredShare) } ?? "–"
        let cells = [
            "\(clients)", "\(reply) ms", "\(total.asked)", "\(total.answered)",
            percent(Double(total.busy) / Double(total.asked)), percent(Double(total.failed) / Double(total.asked)),
            dongle, "\(total.longestWait.milliseconds) ms",
        ]
        return zip(cells, [7, 7, 8, 10, 8, 8, 21, 14]).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined()
    }

    private func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100)" }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
