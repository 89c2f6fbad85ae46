internal import Broker
internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGINT, SIGTERM and SIGHUP, taken by a thread of its own.
///
/// Make it before anything else: threads inherit that these signals are blocked. One thread that does not block them would
/// now and then swallow one.
///
/// Until the start is over, SIGINT and SIGTERM end the process at once: nothing is open yet, and a file may take for ever.
package final class ProcessSignals: Sendable {
    /// From one look at the end of the start to the next.
    private static let watchPeriod = timespec(tv_sec: 0, tv_nsec: 100_000_000)

    /// nil: during the start.
    private let events = Mutex<ProcessEvents?>(nil)

    package init() {
        var blocked = Self.awaited
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        // A reader of the log, or of stderr, may go away.
        signal(SIGPIPE, SIG_IGN)
        DispatchQueue(label: "signals").async { [self] in watch() }
    }

    private static var awaited: sigset_t { signals([SIGINT, SIGTERM, SIGHUP]) }

    private static func signals(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        return set
    }

    /// The files are read: from now on signals are events of the process.
    func endStart(_ events: ProcessEvents) { self.events.withLock { $0 = events } }

    private func watch() {
        watchStart()
        var set = Self.awaited
        while true { tell(sigwaitinfo(&set, nil)) }
    }

    private func watchStart() {
        var set = Self.signals([SIGINT, SIGTERM])
        var period = Self.watchPeriod
        while events.withLock({ $0 == nil }) {
            let number = sigtimedwait(&set, nil, &period)
            guard number > 0 else { continue }
            events.withLock { if $0 == nil { _exit(0) } }
            // It came just after the start.
            return tell(number)
        }
    }

    private func tell(_ number: Int32) {
        let events = events.withLock { $0 }
        switch number {
        case SIGINT, SIGTERM: events?.note { $0.endings += 1 }
        case SIGHUP: events?.note { $0.isHangUp = true }
        default: break
        }
    }
}
