package import Modbus

/// What a client wants to know or to change.
package struct Query: Sendable {
    /// Names a query within one process: a client, and the number that its session gave.
    package struct ID: Hashable, Sendable {
        private let client: ObjectIdentifier
        private let number: UInt64
        /// Of a read that is asked in parts; 0: the whole.
        private var part: UInt32 = 0

        package init(client: Client, number: UInt64) {
            self.client = ObjectIdentifier(client)
            self.number = number
        }

        /// Names a part of the same query, from 1 on.
        func part(_ number: UInt32) -> Self {
            var id = self
            id.part = number
            return id
        }

        /// Whether it was given by this client's session.
        func isOf(_ client: Client) -> Bool { self.client == ObjectIdentifier(client) }
    }

    package let id: ID
    package let client: Client
    package let unit: UnitIdentifier
    package let pdu: PDU
    /// Whether it only reads; everything else counts as a write (R9).
    package let isRead: Bool
    package let arrived: Instant
    /// When it has to be completed (R8); nil: its session looks after that itself.
    package let deadline: Instant?

    package init(
        number: UInt64, client: Client, unit: UnitIdentifier, pdu: PDU, isRead: Bool, arrived: Instant,
        deadline: Instant?
    ) {
        self.init(
            id: ID(client: client, number: number), client: client, unit: unit, pdu: pdu, isRead: isRead,
            arrived: arrived, deadline: deadline)
    }

    init(
        id: ID, client: Client, unit: UnitIdentifier, pdu: PDU, isRead: Bool, arrived: Instant, deadline: Instant?
    ) {
        self.id = id
        self.client = client
        self.unit = unit
        self.pdu = pdu
        self.isRead = isRead
        self.arrived = arrived
        self.deadline = deadline
    }

    /// Whether it is a write to every unit, which none answers.
    package var isBroadcast: Bool { unit.isBroadcast && !isRead }

    /// Whether it asks the same of the same unit.
    package func isIdentical(to other: Query) -> Bool {
        unit == other.unit && pdu == other.pdu
    }
}
