/// Hears the lines of a wire log until it is cancelled, or nobody holds it any more.
package final class WireLogSubscription: Sendable {
    private let audience: WireLogAudience
    private let id: UInt64

    init(_ audience: WireLogAudience, _ id: UInt64) {
        self.audience = audience
        self.id = id
    }

    deinit {
        cancel()
    }

    /// Ends it. A call that has begun on the writer's thread runs to its end.
    package func cancel() {
        audience.remove(id)
    }
}
