internal import Broker

/// Actions that happen later, in order of their instants, on one timer.
final class DelayedActions {
    private let timeline: any Timeline
    private var timer: (any WakeTimer)?
    private var actions: [(Instant, () -> Void)] = []

    init(_ timeline: any Timeline) {
        self.timeline = timeline
        timer = timeline.makeTimer { [weak self] in self?.run() }
    }

    func add(at instant: Instant, _ action: @escaping () -> Void) {
        let index = actions.firstIndex { $0.0 > instant } ?? actions.endIndex
        actions.insert((instant, action), at: index)
        timer?.set(actions[0].0)
    }

    /// Does at once what was to happen later.
    func hurry() {
        while !actions.isEmpty { actions.removeFirst().1() }
        timer?.set(nil)
    }

    func cancelAll() {
        actions = []
        timer?.set(nil)
    }

    private func run() {
        while let (instant, action) = actions.first, instant <= timeline.now {
            actions.removeFirst()
            action()
        }
        timer?.set(actions.first?.0)
    }
}
