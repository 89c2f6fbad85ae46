internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGINT, SIGTERM and SIGHUP for a tool that waits: everything it waits for ends with ``ToolError/interrupted(signal:)``.
///
/// Make it before any other thread: threads inherit that these signals are blocked. A second signal ends the program at
/// once.
package final class Interruption: Sendable {
    private let signal = Atomic<Int32>(0)
    private let bell = DispatchSemaphore(value: 0)

    package init() {}

    /// Takes the signals of this process from now on.
    package func takeSignals() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        DispatchQueue(label: "signals").async { [self, set] in
            var set = set
            var number: Int32 = 0
            while sigwait(&set, &number) == 0 {
                guard !isRaised else { _exit(128 + number) }
                raise(number)
            }
        }
    }

    /// As if the signal had come.
    package func raise(_ number: Int32) {
        signal.store(number, ordering: .sequentiallyConsistent)
        ring()
    }

    package var isRaised: Bool { signal.load(ordering: .sequentiallyConsistent) != 0 }

    /// - Throws: ``ToolError/interrupted(signal:)`` if a signal has come.
    package func check() throws(ToolError) {
        let number = signal.load(ordering: .sequentiallyConsistent)
        if number != 0 { throw .interrupted(signal: number) }
    }

    /// Wakes who waits, to look again.
    func ring() { bell.signal() }

    /// Blocks until there is a value; rung at every change.
    ///
    /// - Parameter mayEnd: false: a signal is not heeded before there is a value.
    /// - Throws: ``ToolError/interrupted(signal:)``.
    func wait<Value>(mayEnd: Bool = true, for value: () -> Value?) throws(ToolError) -> Value {
        while true {
            if let value = value() { return value }
            if mayEnd { try check() }
            bell.wait()
        }
    }

    /// Blocks for a while.
    ///
    /// - Throws: ``ToolError/interrupted(signal:)``.
    package func pause(until end: ContinuousClock.Instant) throws(ToolError) {
        while true {
            try check()
            let left = end - .now
            guard left > .zero else { return }
            let (seconds, attoseconds) = left.components
            // Longer pauses are taken in parts.
            let part =
                seconds > 3600 ? 3600_000_000_000 : Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
            _ = bell.wait(timeout: .now() + .nanoseconds(max(1, part)))
        }
    }
}
