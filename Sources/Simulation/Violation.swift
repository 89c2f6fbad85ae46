internal import Broker

/// A rule that was broken, and when.
package struct Violation: Error, Sendable, CustomStringConvertible {
    /// As in `bus-rules`: `R4`.
    package let rule: String
    package let text: String
    let instant: Instant
    /// What happened last before it, oldest first; empty unless the run was traced.
    package let trace: [String]

    package var description: String {
        "\(rule) at \(Double(instant.nanoseconds) / 1e9) s: \(text)"
    }
}

/// Keeps the first violation of a run, and what led to it.
final class Verdict {
    private static let tracedEvents = 60

    private let now: () -> Instant
    private let isTracing: Bool
    private var trace: [String] = []
    private(set) var violation: Violation?

    init(isTracing: Bool, now: @escaping () -> Instant) {
        self.isTracing = isTracing
        self.now = now
    }

    /// Remembers what happens, if the run is traced.
    func note(_ text: @autoclosure () -> String) {
        guard isTracing else { return }
        trace.append("\(Double(now().nanoseconds) / 1e9) \(text())")
        if trace.count > Self.tracedEvents { trace.removeFirst() }
    }

    /// Records a broken rule unless the condition holds.
    func check(_ rule: String, _ condition: Bool, _ text: @autoclosure () -> String) {
        guard !condition, violation == nil else { return }
        violation = Violation(rule: rule, text: text(), instant: now(), trace: trace)
    }
}
