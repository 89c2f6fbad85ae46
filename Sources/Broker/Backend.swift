/// Whatever answers queries: the live bus, a dataset, a recording, a remote gateway, or a policy around another backend.
package protocol Backend: AnyObject {
    /// Answers exactly once, at once or later, on the same thread.
    func submit(_ query: Query, for owner: any QueryOwner)

    /// Drops what was not sent yet and completes it; what is on the line runs to its end.
    func withdraw(_ query: Query)
}

/// Gets the answers to its queries: a session, or a policy that stands between.
package protocol QueryOwner: AnyObject {
    /// The end of one query, called exactly once for each.
    func finished(_ exchange: Exchange)
}

extension Backend {
    /// Submits a query for an owner that is a closure.
    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        submit(query, for: ClosureOwner(done))
    }
}

private final class ClosureOwner: QueryOwner {
    private let done: (Exchange) -> Void

    init(_ done: @escaping (Exchange) -> Void) {
        self.done = done
    }

    func finished(_ exchange: Exchange) { done(exchange) }
}
