internal import Synchronization

/// Hands what happened on the event loop over to an observer's thread, and never delays the event loop (R15).
///
/// Bounded by weight. When it is full the oldest elements are dropped, a segment at a time, and counted. Offering
/// appends to the newest segment, taking moves the oldest segment out: neither does work in proportion to what
/// waits while it holds the lock, and what is dropped is freed outside of it.
package final class ObserverQueue<Element: Sendable>: Sendable {
    /// Elements in the order in which they were offered.
    package struct Batch: Sendable {
        package let elements: [Element]
        /// How many older elements were dropped since the batch before.
        package let lost: Int
    }

    private struct Segment: Sendable {
        var elements: [Element] = []
        var weight = 0
    }

    private struct State {
        /// The oldest first; only the last one grows.
        var segments: [Segment] = []
        var weight = 0
        var lost = 0
        /// Whether somebody has been told to take, and has not found the queue empty since.
        var isAnnounced = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let segmentLength: Int
    private let segmentWeight: Int

    /// - Parameters:
    ///   - capacity: the weight that may wait; the newest element is kept however heavy it is.
    ///   - segmentLength: how many elements are taken, or dropped, at once.
    package init(capacity: Int, segmentLength: Int = 256) {
        self.capacity = capacity
        self.segmentLength = segmentLength
        segmentWeight = max(1, capacity / 8)
    }

    /// Appends an element; drops the oldest ones if the queue is full.
    ///
    /// - Returns: whether the caller has to see to it that somebody takes: true once until ``take()`` has found
    ///   the queue empty.
    package func offer(_ element: Element, weight: Int) -> Bool {
        let (isNews, dropped) = state.withLock { state in
            append(element, weight: weight, to: &state)
            let dropped = dropOldest(of: &state)
            defer { state.isAnnounced = true }
            return (!state.isAnnounced, dropped)
        }
        _ = consume dropped
        return isNews
    }

    /// Removes the oldest elements; nil if nothing waits.
    package func take() -> Batch? {
        state.withLock { state in
            guard !state.segments.isEmpty else {
                state.isAnnounced = false
                return nil
            }
            let oldest = state.segments.removeFirst()
            state.weight -= oldest.weight
            defer { state.lost = 0 }
            return Batch(elements: oldest.elements, lost: state.lost)
        }
    }

    private func append(_ element: Element, weight: Int, to state: inout State) {
        if state.segments.last.map(isFull) ?? true { state.segments.append(Segment()) }
        let last = state.segments.count - 1
        state.segments[last].elements.append(element)
        state.segments[last].weight += weight
        state.weight += weight
    }

    private func isFull(_ segment: Segment) -> Bool {
        segment.elements.count >= segmentLength || segment.weight >= segmentWeight
    }

    private func dropOldest(of state: inout State) -> [Segment] {
        var dropped: [Segment] = []
        while state.weight > capacity, state.segments.count > 1 {
            let oldest = state.segments.removeFirst()
            state.weight -= oldest.weight
            state.lost += oldest.elements.count
            dropped.append(oldest)
        }
        return dropped
    }
}
