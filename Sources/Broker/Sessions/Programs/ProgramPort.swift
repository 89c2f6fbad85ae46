/// A virtual port, which programs open, write to and close as they like.
///
/// It answers each call at once: in which order events and bytes have come is known only by asking again.
package protocol ProgramPort: AnyObject {
    /// What programs did since it was asked last, in order.
    func takeEvents() -> [ProgramEvent]

    /// All bytes that programs have written.
    func takeBytes() -> [UInt8]

    /// Finds out whether any program has the port open, however many opens and closes were seen; if none has, makes it as
    /// new for the next one.
    ///
    /// - Throws: ``PortBlindness`` if that cannot be seen.
    func findOut() throws(PortBlindness) -> ProgramFinding

    /// Writes to the program that has the port open. What there is no room for is dropped, all of it.
    func write(_ bytes: [UInt8])

    /// Drops what was written and not read by a program.
    func discardUnread()

    /// Undoes what the program before has left to one that has opened the port already.
    func restore()
}

/// What a program did to a virtual port.
///
/// The same twice in a row can come as one: the events say what happened, and in which order, but cannot be counted on. A
/// write is told a little later than its bytes can be there, but always before the close of its program.
package enum ProgramEvent: Hashable, Sendable {
    case opened
    case written
    case closed
    /// Events were dropped.
    case lost
}

/// What a ``ProgramPort`` has found out.
package struct ProgramFinding {
    package let isOpen: Bool
    /// What programs did before that, but for opens just before it.
    package let before: [ProgramEvent]
    /// What they did since.
    package let since: [ProgramEvent]
    /// What they have written. Where none has the port open, nothing of it is by one that opens it now.
    package let bytes: [UInt8]

    /// What programs did, in order, and all that they have written.
    package init(isOpen: Bool, before: [ProgramEvent], since: [ProgramEvent], bytes: [UInt8]) {
        self.isOpen = isOpen
        self.before = before
        self.since = since
        self.bytes = bytes
    }
}

/// It cannot be seen who opens and closes a virtual port.
package struct PortBlindness: Error {
    /// As the system tells it.
    package let reason: String

    /// - Parameter reason: one line, for the operator.
    package init(reason: String) { self.reason = reason }
}

/// What the programs at a virtual port meet: who answers them, and what holds for them.
package protocol ProgramEntrance: AnyObject {
    /// The way of their queries.
    var path: any QueryPath { get }
    /// What holds for a program that comes now.
    var settings: ClientSettings { get }

    /// A program may send requests from now on.
    ///
    /// - Returns: the visit, for which ``end(_:_:)`` must follow.
    func begin(_ client: Client) -> ClientVisit

    /// The program has left; only the first reason counts.
    func end(_ visit: ClientVisit, _ reason: String?)

    /// The target of the reports of a visit's session.
    func observer(of visit: ClientVisit) -> (BrokerEvent) -> Void
}
