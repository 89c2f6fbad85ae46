/// How many clients may be connected, over all listeners.
package final class ClientAdmission {
    /// The most at a time; who is connected already stays.
    package var limit: Int
    package private(set) var connected = 0
    /// Connections that were closed at once because there were too many.
    package private(set) var refused = 0
    private let onRefused: (Int) -> Void

    /// - Parameter onRefused: told of each refusal, with their number so far.
    package init(limit: Int, onRefused: @escaping (Int) -> Void) {
        self.limit = limit
        self.onRefused = onRefused
    }

    /// - Returns: whether there is room for a further one.
    func enter() -> Bool {
        if connected >= limit {
            refused += 1
            onRefused(refused)
            return false
        }
        connected += 1
        return true
    }

    func leave() {
        connected -= 1
    }
}
