/// The requests of one serial client that are being worked on, and the answer that it is getting (R5, R6).
///
/// Only the newest is answered; what the client does not wait for any more runs on beside it.
struct SerialRequests {
    /// The most that run for a client that has asked newer ones.
    private static let maximumOlder = 16

    struct Running {
        /// As it was handed to the backend.
        let submitted: Query
        /// Its latest identical copy, which gets the answer.
        var latestCopy: Query
        /// Whether it was withdrawn because nobody waits for it any more.
        var isGivenUp = false
        /// Whether the client has already got the exception for no answer.
        var isTold = false
    }

    /// An answer whose last byte is still on its way to the client.
    private struct Leaving {
        let query: Query
        let until: Instant
    }

    private(set) var newest: Running?
    /// What it does not wait for any more: reads on the line, and writes.
    private var older: [Running] = []
    private var leaving: Leaving?

    /// 0–17.
    var count: Int { older.count + (newest == nil ? 0 : 1) }

    /// Whether no further one may begin.
    var isFull: Bool { older.count >= Self.maximumOlder }

    mutating func begin(_ query: Query) { newest = Running(submitted: query, latestCopy: query) }

    /// An identical copy of the newest request is answered with it: one execution, one answer.
    ///
    /// - Returns: which of the copies gets no answer of its own: the one before it, or itself where the answer is leaving
    ///   already; nil: it is a request of its own.
    mutating func join(_ query: Query, at now: Instant) -> Query? {
        if let newest {
            guard newest.submitted.isIdentical(to: query) else { return nil }
            self.newest?.latestCopy = query
            return newest.latestCopy
        }
        guard let leaving, leaving.until > now, leaving.query.isIdentical(to: query) else { return nil }
        return query
    }

    /// The client does not wait for the newest any more.
    ///
    /// - Returns: which that was; nil: none.
    mutating func supersedeNewest() -> Query? {
        guard let superseded = newest.take() else { return nil }
        older.append(superseded)
        return superseded.submitted
    }

    /// The client gets the exception for its newest request: the outcome of that request is only recorded.
    mutating func tellNewest() {
        guard var told = newest.take() else { return }
        told.isTold = true
        older.append(told)
    }

    /// The newest is not sent any more, unless a copy of it comes.
    mutating func giveUpNewest() { newest?.isGivenUp = true }

    /// - Returns: nil for one that is not running.
    mutating func finish(_ id: Query.ID) -> (running: Running, isNewest: Bool)? {
        if let running = newest, running.submitted.id == id {
            newest = nil
            return (running, true)
        }
        return older.firstIndex { $0.submitted.id == id }.map { (older.remove(at: $0), false) }
    }

    /// An answer leaves, behind the one before it.
    mutating func answer(_ running: Running, from now: Instant, for time: Duration) {
        leaving = Leaving(query: running.submitted, until: max(now, leaving?.until ?? now) + time)
    }

    /// Nobody is getting an answer any more.
    mutating func forgetAnswer() { leaving = nil }
}
