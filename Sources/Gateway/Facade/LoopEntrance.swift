internal import NIOCore
internal import Synchronization

/// The way of other threads onto the event loop, until the loop is about to end.
final class LoopEntrance: Sendable {
    private let loop: any EventLoop
    private let isOpen = Mutex(true)

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// Does work on the loop, in the order of the calls, and does not wait for it.
    ///
    /// - Returns: whether the work will be done; false: the entrance is closed.
    @discardableResult
    func enter(_ work: @escaping @Sendable () -> Void) -> Bool {
        isOpen.withLock { isOpen in
            if isOpen { loop.execute(work) }
            return isOpen
        }
    }

    /// Lets no more work in. What came in before is done before anything that is handed to the loop later.
    func close() { isOpen.withLock { $0 = false } }
}

/// The answer to one call onto the event loop: given once, and awaited once. A later value is dropped.
final class LoopAnswer<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case over
    }

    private let state = Mutex(State.open)

    /// Whether a further value would be dropped.
    var isOver: Bool {
        state.withLock { state in
            switch state {
            case .open, .awaited: false
            case .given, .over: true
            }
        }
    }

    func give(_ value: Value) {
        let awaiting: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .given(value)
                return nil
            case .awaited(let continuation):
                state = .over
                return continuation
            case .given, .over: return nil
            }
        }
        awaiting?.resume(returning: value)
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let given: Value? = state.withLock { state in
                guard case .given(let value) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .over
                return value
            }
            if let given { continuation.resume(returning: given) }
        }
    }
}
