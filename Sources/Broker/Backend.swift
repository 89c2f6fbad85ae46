/// Whatever answers queries: the live bus, a dataset, a recording, a remote gateway, or a policy around another backend.
package protocol Backend: AnyObject {
    /// Answers exactly once, at once or later, on the same thread.
    func submit(_ query: Query, _ done: @escaping (Exchange) -> Void)

    /// Drops what was not sent yet and completes it; what is on the line runs to its end.
    func withdraw(_ id: Query.ID)
}
