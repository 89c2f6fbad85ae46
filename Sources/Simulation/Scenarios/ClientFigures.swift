internal import Broker

/// How a client fared: what it asked, what it was not told, and how long it waited for the rest.
package struct ClientFigures: Sendable, CustomStringConvertible {
    package let requests: Int
    package let unanswered: Int
    /// From each request to its answer, ascending.
    private let waits: [Duration]

    init(requests: Int, unanswered: Int, waits: [Duration]) {
        self.requests = requests
        self.unanswered = unanswered
        self.waits = waits.sorted()
    }

    /// The figures of several runs together.
    package init(joining figures: [ClientFigures]) {
        self.init(
            requests: figures.reduce(0) { $0 + $1.requests }, unanswered: figures.reduce(0) { $0 + $1.unanswered },
            waits: figures.flatMap(\.waits))
    }

    /// 0–1.
    package var unansweredShare: Double { requests == 0 ? 0 : Double(unanswered) / Double(requests) }

    package var medianWait: Duration { wait(at: 0.5) }

    /// The wait that this share (0–1) of the answers did not exceed; 0 without answers.
    package func wait(at share: Double) -> Duration {
        waits.isEmpty ? .zero : waits[min(waits.count - 1, Int(Double(waits.count) * share))]
    }

    package var description: String {
        let quantiles = [0.5, 0.99, 1].map { "\(wait(at: $0).nanoseconds / 1_000_000)" }
        let percent = (unansweredShare * 100_000).rounded() / 1000
        return "\(requests) requests, \(unanswered) unanswered (\(percent) %), "
            + "wait median \(quantiles[0]) ms, 99 % \(quantiles[1]) ms, most \(quantiles[2]) ms"
    }
}
