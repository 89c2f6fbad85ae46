internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM for a command that works on one thread: the first one is noted, the second one ends the process.
struct EndSignals {
    private static let isRaised = Atomic(false)

    static func `catch`() -> EndSignals {
        // Made now: a signal handler must not be the first to touch it.
        isRaised.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in EndSignals.isRaised.store(true, ordering: .relaxed) }
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(number, &action, nil)
        }
        return EndSignals()
    }

    var isRaised: Bool { Self.isRaised.load(ordering: .relaxed) }
}
