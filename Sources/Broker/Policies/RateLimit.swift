/// How many queries a second each client address may have worked on: further ones wait for their turn.
///
/// One for all listeners, between their access policies and the lines. An address that has been quiet may have as many at
/// once as a second's worth, rounded up (``burst``). The clients of one address take turns. Whose turn has not come by its
/// deadline is answered as overloaded then, and not before: a client that asks without end would else be refused as fast
/// as it can ask. Queries without a deadline, of serial sessions, wait until they are withdrawn. The dongle and the broker's
/// own reads are not limited.
package final class RateLimit: Backend {
    /// The most queries that wait, of all addresses together; further ones are refused as overloaded at once.
    package static let capacity = 4096

    private let timeline: any Timeline
    private let next: any Backend
    private var book: RateBook
    private var timer: (any WakeTimer)?
    private var alarm: Instant?
    /// What has left the book and is to be done, in this order. Asking anybody may bring the next query.
    private var due: ArraySlice<RateBook.Release?> = []
    private var isPerforming = false
    private var isStopped = false
    /// How many queries were refused because their turn had not come in time, or because too many waited.
    package private(set) var refused = 0
    private let observe: (BrokerEvent) -> Void

    /// - Parameters:
    ///   - rate: queries a second, 0.1 to 10,000; nil: any number.
    ///   - next: gets the queries whose turn it is.
    ///   - observe: told of each query that is refused, before it is completed.
    package init(
        _ rate: Double?, timeline: any Timeline, next: any Backend,
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) {
        self.observe = observe
        self.rate = rate
        self.timeline = timeline
        self.next = next
        book = RateBook(rate)
        timer = timeline.makeTimer { [weak self] in self?.wake() }
    }

    /// Queries a second, 0.1 to 10,000; nil: any number. Holds at once, for those that wait, too: every address begins anew
    /// with a ``burst``.
    package var rate: Double? {
        didSet {
            guard rate != oldValue else { return }
            due += book.apply(rate, at: timeline.now)
            perform()
        }
    }

    /// How many queries an address may have at once after a pause: a second's worth, at least 1; nil without a limit.
    package var burst: Int? { book.burst }

    /// How many wait for their turn, 0–4096.
    package var waiting: Int { book.count }

    /// Answers what waits, and everything that comes later.
    package func stop() {
        isStopped = true
        let all = due.compactMap { $0?.entry } + book.removeAll()
        due = all.map { RateBook.Release(entry: $0, error: .stopping) }[...]
        perform()
    }

    package func submit(_ query: Query, for owner: any QueryOwner) {
        if !isStopped, !query.client.kind.isOfListener || (book.burst == nil && due.isEmpty) {
            return next.submit(query, for: owner)
        }
        let entry = RateBook.Entry(query: query, owner: owner)
        if isStopped {
            due.append(RateBook.Release(entry: entry, error: .stopping))
        } else if let release = book.add(entry, at: timeline.now) {
            due.append(release)
        }
        perform()
    }

    package func withdraw(_ query: Query) {
        let id = query.id
        if let index = due.firstIndex(where: { $0?.entry.query.id == id }) {
            if due[index]?.error == nil { due[index]?.error = .withdrawn }
        } else if let entry = book.remove(id) {
            due.append(RateBook.Release(entry: entry, error: .withdrawn))
            perform()
        } else {
            next.withdraw(query)
        }
    }

    private func wake() {
        alarm = nil
        due += book.releases(at: timeline.now)
        perform()
    }

    /// One at a time: whatever comes of it meanwhile is done behind what is due already.
    private func perform() {
        guard !isPerforming else { return }
        isPerforming = true
        while let release = due.takeFirst() {
            let entry = release.entry
            if let error = release.error {
                if error == .overloaded { noteRefused(entry.query) }
                entry.owner.finished(.failed(entry.query, error, at: timeline.now))
            } else {
                next.submit(entry.query, for: entry.owner)
            }
        }
        isPerforming = false
        let wake = book.nextWake
        guard alarm != wake else { return }
        alarm = wake
        timer?.set(alarm)
    }

    private func noteRefused(_ query: Query) {
        refused += 1
        observe(.refused(query, .rate, at: "clients.rate"))
    }
}

extension ArraySlice {
    /// - Returns: the first element, which is taken out: `popFirst` leaves it, and all that a closure in it holds, in the
    ///   storage until that is replaced.
    fileprivate mutating func takeFirst<Wrapped>() -> Wrapped? where Element == Wrapped? {
        guard !isEmpty else { return nil }
        defer { removeFirst() }
        return self[startIndex].take()
    }
}
