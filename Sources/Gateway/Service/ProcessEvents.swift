internal import Synchronization

/// What happens to the process from outside: noted on any thread, taken by one task.
///
/// Nothing is lost, and nothing piles up: what comes again before it is taken is noted once.
final class ProcessEvents: Sendable {
    struct Pending: Sendable {
        /// How often the process was told to end, by a signal.
        var endings = 0
        /// SIGHUP.
        var isHangUp = false
        var isTimeOver = false
        /// A service that runs no longer.
        var failure: (any Error)?
    }

    private let pending = Mutex(Pending())
    private let news: AsyncStream<Void>
    private let announce: AsyncStream<Void>.Continuation

    init() {
        (news, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func note(_ change: (inout Pending) -> Void) {
        pending.withLock { change(&$0) }
        announce.yield()
    }

    /// Has the task look again, although nothing has happened.
    func remind() { announce.yield() }

    /// What has happened since this was asked last. Waits until something has, or for a reminder.
    ///
    /// - Returns: nil: the task is cancelled.
    func next() async -> Pending? {
        for await _ in news {
            return pending.withLock { pending in
                defer { pending = Pending() }
                return pending
            }
        }
        return nil
    }
}
