import Broker
import Modbus
import Testing

/// One query that a test has submitted, and what became of it.
///
/// A second completion is recorded as an issue where it happens; a missing one by ``expectCompletedOnce()``.
final class Asked {
    let query: Query
    private let sourceLocation: SourceLocation
    private(set) var exchange: Exchange?
    /// Called with the completion, as a session would be.
    var then: ((Exchange) -> Void)?

    init(_ query: Query, sourceLocation: SourceLocation) {
        self.query = query
        self.sourceLocation = sourceLocation
    }

    func complete(_ exchange: Exchange) {
        if self.exchange != nil { Issue.record("completed twice: \(query)", sourceLocation: sourceLocation) }
        #expect(exchange.query.id == query.id, "another query's exchange", sourceLocation: sourceLocation)
        self.exchange = exchange
        then?(exchange)
    }

    func expectCompletedOnce() {
        if exchange == nil { Issue.record("never completed: \(query)", sourceLocation: sourceLocation) }
    }

    /// What the client is told.
    var reply: RTUFrame? { try? exchange?.result.get() }

    var error: BrokerError? {
        if case .failure(let error) = exchange?.result { error } else { nil }
    }
}
