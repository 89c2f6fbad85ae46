internal import Synchronization

/// Keeps what is said from any thread.
package final class Collected<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    package init() {}

    /// In the order in which it came.
    package var all: [Element] { state.withLock { $0 } }

    /// Keeps one more.
    package func append(_ element: Element) { state.withLock { $0.append(element) } }
}
