internal import Broker
internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGINT, SIGTERM and SIGHUP, taken by the main thread.
///
/// Make it before anything else: threads inherit that these signals are blocked. One thread that does not block them would
/// now and then swallow one.
///
/// Until the start is over, SIGINT and SIGTERM end the process at once: nothing is open yet, and a file may take for ever.
package final class ProcessSignals: Sendable {
    /// From one look at the end of the start to the next.
    private static let watchPeriod = timespec(tv_sec: 0, tv_nsec: 100_000_000)

    private let isStarted = Mutex(false)

    package init() {
        var blocked = Self.awaited
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        // A reader of the log, or of stderr, may go away.
        signal(SIGPIPE, SIG_IGN)
        DispatchQueue(label: "signals").async { [self] in watchStart() }
    }

    private static var awaited: sigset_t { signals([SIGINT, SIGTERM, SIGHUP]) }

    private static func signals(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// The files are read: from now on signals wait for ``waitForEnd(within:onHangUp:)``.
    func endStart() { isStarted.withLock { $0 = true } }

    private func watchStart() {
        var set = Self.signals([SIGINT, SIGTERM])
        var period = Self.watchPeriod
        while !isStarted.withLock({ $0 }) {
            let number = sigtimedwait(&set, nil, &period)
            guard number > 0 else { continue }
            isStarted.withLock { if !$0 { _exit(0) } }
            // It came just after the start, and is the main thread's.
            kill(getpid(), number)
            return
        }
    }

    /// Blocks until SIGINT or SIGTERM, or until the time is over.
    ///
    /// - Returns: whether it was a signal.
    @discardableResult
    func waitForEnd(within duration: Duration?, onHangUp: () -> Void) -> Bool {
        let end = duration.map { ContinuousClock.now + $0 }
        var set = Self.awaited
        while true {
            let left = end.map { $0 - .now } ?? .seconds(3600)
            guard left > .zero else { return false }
            var timeout = timespec(
                tv_sec: Int(left.components.seconds), tv_nsec: Int(left.components.attoseconds / 1_000_000_000))
            switch sigtimedwait(&set, nil, &timeout) {
            case SIGINT, SIGTERM: return true
            case SIGHUP: onHangUp()
            default: break
            }
        }
    }
}
