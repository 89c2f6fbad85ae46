internal import Synchronization

/// Who hears the lines of the wire log, and whether anybody does.
final class WireLogAudience: Sendable {
    private struct State {
        var hasOutput: Bool
        var subscribers: [(id: UInt64, body: @Sendable ([UInt8]) -> Void)] = []
        var nextID: UInt64 = 0

        var isPresent: Bool { hasOutput || !subscribers.isEmpty }
    }

    private let state: Mutex<State>
    private let presence: Atomic<Bool>

    init(hasOutput: Bool) {
        state = Mutex(State(hasOutput: hasOutput))
        presence = Atomic(hasOutput)
    }

    /// Whether lines are worth making.
    var isPresent: Bool { presence.load(ordering: .relaxed) }

    /// The output has been closed, or has failed for good.
    func outputEnded() {
        change { $0.hasOutput = false }
    }

    func outputChanged(isThere: Bool) {
        change { $0.hasOutput = isThere }
    }

    func insert(_ body: @escaping @Sendable ([UInt8]) -> Void) -> UInt64 {
        change { state in
            state.nextID += 1
            state.subscribers.append((state.nextID, body))
            return state.nextID
        }
    }

    func remove(_ id: UInt64) {
        change { $0.subscribers.removeAll { $0.id == id } }
    }

    func removeAll() {
        change { $0.subscribers.removeAll() }
    }

    func publish(_ lines: [UInt8]) {
        for subscriber in state.withLock({ $0.subscribers }) { subscriber.body(lines) }
    }

    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            defer { presence.store(state.isPresent, ordering: .relaxed) }
            return body(&state)
        }
    }
}
