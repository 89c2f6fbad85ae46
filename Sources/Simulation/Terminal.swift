internal import Broker

/// The input queue of a pseudo-terminal: what the broker has written and no program has fetched.
///
/// It keeps unread bytes over closing and opening, as a real one does, and takes no more than fit.
final class Terminal {
    private let size: Int
    /// Each byte with the number of the request that it answers.
    private var unread: [(byte: UInt8, request: Int)] = []

    init(size: Int) {
        self.size = size
    }

    var isEmpty: Bool { unread.isEmpty }

    func write(_ bytes: [UInt8], answering request: Int) {
        unread += bytes.prefix(size - unread.count).map { ($0, request) }
    }

    func discard() { unread = [] }

    func read(_ most: Int) -> [(byte: UInt8, request: Int)] {
        defer { unread.removeFirst(min(most, unread.count)) }
        return Array(unread.prefix(most))
    }
}
