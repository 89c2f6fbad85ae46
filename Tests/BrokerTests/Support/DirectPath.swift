import Broker
import Modbus

/// Leads the sessions of a test to a backend that knows units by the clients' numbers.
final class DirectPath: QueryPath {
    private let next: any Backend

    init(to next: any Backend) {
        self.next = next
    }

    func destination(of unit: UnitIdentifier, isRead: Bool) -> Destination? { nil }

    func submit(_ query: Query, for owner: any QueryOwner) { next.submit(query, for: owner) }

    func withdraw(_ query: Query) { next.withdraw(query) }
}
