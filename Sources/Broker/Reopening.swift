/// Decides when something is opened, and opened again after every loss (R12): a port, a connection, a socket.
///
/// A carrier tells the result of each opening, with the number that ``begin(at:)`` gave it, and opens again at
/// ``nextOpening``. The number tells results of an older opening, or behind the stop: they are not wanted.
package struct Reopening: Sendable {
    /// What shows that an opening was worth it, and how soon it is repeated when it is lost.
    package enum Manner: Hashable, Sendable {
        /// Being open is enough: a device that is lost was there.
        case device
        /// Many servers close a connection that is idle, or each one behind its reply: that is no reason to wait longer
        /// than `pauseAfterUse` before it is dialled again. A server that takes connections, and then has nothing to say,
        /// is not bothered more often than one that is not there, unless the connection has lasted: then it is dialled
        /// again at once.
        case server(pauseAfterUse: Duration)
    }

    private enum State {
        case closed
        case opening
        case open(since: Instant, isUsed: Bool)
        case stopped
    }

    /// What fails, or is lost without use, is opened again after this time, which doubles up to ``longestPause``.
    package static let firstPause: Duration = .milliseconds(250)
    package static let longestPause: Duration = .seconds(5)
    /// A trouble that is no loss is told no more often.
    private static let troublePause: Duration = .seconds(60)

    private let manner: Manner
    private var state = State.closed
    private var number = 0
    private var pause = firstPause
    private var troubleTold: Instant?
    /// When to call ``begin(at:)``; nil: there is nothing to open.
    package private(set) var nextOpening: Instant?
    /// Why it could not be opened, or what the trouble is, since it was opened last.
    package private(set) var lastReason: String?

    /// - Parameter manner: of what is opened.
    package init(_ manner: Manner) {
        self.manner = manner
    }

    /// It may be opened now, if that is due.
    ///
    /// - Returns: the number of the opening that has to be begun; nil: it is under way, open, not due yet, or stopped.
    package mutating func begin(at now: Instant) -> Int? {
        guard case .closed = state, nextOpening.map({ $0 <= now }) ?? true else { return nil }
        state = .opening
        nextOpening = nil
        number += 1
        return number
    }

    /// An opening has succeeded.
    ///
    /// - Returns: whether it is wanted; otherwise it is to be closed again.
    package mutating func opened(_ opening: Int, at now: Instant) -> Bool {
        guard isAwaiting(opening) else { return false }
        state = .open(since: now, isUsed: false)
        lastReason = nil
        if manner == .device { pause = Self.firstPause }
        return true
    }

    /// An opening has failed.
    ///
    /// - Returns: the reason, if that is to be told: once for each different one.
    package mutating func failed(_ opening: Int, _ reason: String, at now: Instant) -> String? {
        guard isAwaiting(opening) else { return nil }
        state = .closed
        nextOpening = now + nextPause()
        defer { lastReason = reason }
        return reason == lastReason ? nil : reason
    }

    /// Something useful has come over what is open: it is worth opening again soon, should it be lost.
    package mutating func noteUse() {
        if case .open(let since, false) = state { state = .open(since: since, isUsed: true) }
    }

    /// It is open, and the system says that there is no peer: no loss, for one may come at any time.
    ///
    /// - Returns: the reason, if that is to be told: at most once a minute.
    package mutating func trouble(_ reason: String, at now: Instant) -> String? {
        guard !isStopped else { return nil }
        lastReason = reason
        if let troubleTold, now < troubleTold + Self.troublePause { return nil }
        troubleTold = now
        return reason
    }

    /// What was open is lost.
    ///
    /// - Returns: whether that is to be told.
    package mutating func lost(_ opening: Int, at now: Instant) -> Bool {
        guard opening == number, case .open(let since, let isUsed) = state else { return false }
        state = .closed
        nextOpening = now + pauseAfterLoss(hasLasted: now - since > Self.longestPause, isUsed)
        return true
    }

    /// It stays closed from now on, and nothing is told.
    package mutating func stop() {
        state = .stopped
        nextOpening = nil
    }

    /// Whether it stays closed for good.
    package var isStopped: Bool { if case .stopped = state { true } else { false } }

    /// Whether what comes of an opening is wanted still.
    package func isAwaiting(_ opening: Int) -> Bool {
        if case .opening = state { opening == number } else { false }
    }

    private mutating func pauseAfterLoss(hasLasted: Bool, _ isUsed: Bool) -> Duration {
        guard case .server(let pauseAfterUse) = manner, hasLasted || isUsed else { return nextPause() }
        pause = Self.firstPause
        return hasLasted ? .zero : pauseAfterUse
    }

    private mutating func nextPause() -> Duration {
        defer { pause = min(pause * 2, Self.longestPause) }
        return pause
    }
}
