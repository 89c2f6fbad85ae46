package import Broker

/// Time that passes only when it is told to: hours in a second, and the same every time.
///
/// What is due at the same instant runs in the order in which it was set.
package final class VirtualTimeline: Timeline {
    private struct Event {
        let instant: Instant
        let order: UInt64
        /// Where its action stands: moving closures about in the heap would be most of the work.
        let slot: Int
    }

    package private(set) var now = Instant.start
    /// A binary heap, the earliest event first.
    private var events: [Event] = []
    private var order: UInt64 = 0
    private var actions: [(() -> Void)?] = []
    private var freeSlots: [Int] = []

    package init() {}

    /// Runs `action` at `instant`, or next if that has passed.
    package func schedule(at instant: Instant, _ action: @escaping () -> Void) {
        order += 1
        let slot = freeSlots.popLast() ?? actions.count
        if slot == actions.count { actions.append(action) } else { actions[slot] = action }
        events.append(Event(instant: max(instant, now), order: order, slot: slot))
        siftUp()
    }

    package func makeTimer(_ fire: @escaping () -> Void) -> any WakeTimer {
        VirtualTimer(self, fire)
    }

    /// Lets the next event happen.
    ///
    /// - Returns: false, and nothing happens, if none is due by `limit`.
    package func step(until limit: Instant = .distantFuture) -> Bool {
        guard let first = events.first, first.instant <= limit else { return false }
        now = first.instant
        removeFirst()
        let action = actions[first.slot]
        actions[first.slot] = nil
        freeSlots.append(first.slot)
        action?()
        return true
    }

    /// Lets everything happen that is due until `limit`, and goes there.
    package func run(until limit: Instant) {
        while step(until: limit) {}
        now = max(now, limit)
    }
}

extension VirtualTimeline {
    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (left, right) = (events[left], events[right])
        return (left.instant, left.order) < (right.instant, right.order)
    }

    private func siftUp() {
        var child = events.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            events.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func removeFirst() {
        events.swapAt(0, events.count - 1)
        events.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < events.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { return }
            events.swapAt(parent, least)
            parent = least
        }
    }
}

/// A timer that forgets what was set before.
private final class VirtualTimer: WakeTimer {
    private unowned let timeline: VirtualTimeline
    private let fire: () -> Void
    private var generation = 0

    init(_ timeline: VirtualTimeline, _ fire: @escaping () -> Void) {
        self.timeline = timeline
        self.fire = fire
    }

    func set(_ instant: Instant?) {
        generation += 1
        guard let instant else { return }
        timeline.schedule(at: instant) { [weak self, generation] in
            guard let self, self.generation == generation else { return }
            fire()
        }
    }
}
