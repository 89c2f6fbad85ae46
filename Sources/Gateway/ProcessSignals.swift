internal import Broker
internal import Glibc

/// SIGINT, SIGTERM and SIGHUP, taken by the main thread.
///
/// Make it before anything else: threads inherit that these signals are blocked. One thread that does not block them would
/// now and then swallow one.
package struct ProcessSignals: Sendable {
    package init() {
        var blocked = Self.awaited
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        // A reader of the log, or of stderr, may go away.
        signal(SIGPIPE, SIG_IGN)
    }

    private static var awaited: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
        return set
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
