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

    package private(set) var id: ID
    package let client: Client
    /// The unit by the number that the client knows.
    package let clientUnit: UnitIdentifier
    /// The line to which the query is bound, and the unit's number there, found on arrival; nil: there is no way to it.
    package let destination: Destination?
    package private(set) var pdu: PDU
    /// Whether it only reads; everything else counts as a write (R9).
    package let isRead: Bool
    package let arrived: Instant
    /// When it has to be completed (R8); nil: its session looks after that itself.
    package let deadline: Instant?
    /// Whether the query was handed to its line.
    private(set) var isDispatched = false

    /// - Parameters:
    ///   - unit: by the number that the client knows.
    ///   - destination: nil: no way, or a backend that knows units by the client's numbers.
    package init(
        number: UInt64, client: Client, unit: UnitIdentifier, destination: Destination? = nil, pdu: PDU, isRead: Bool,
        arrived: Instant, deadline: Instant?
    ) {
        id = ID(client: client, number: number)
        self.client = client
        clientUnit = unit
        self.destination = destination
        self.pdu = pdu
        self.isRead = isRead
        self.arrived = arrived
        self.deadline = deadline
    }

    /// The unit by its own number, as its line knows it.
    package var lineUnit: UnitIdentifier { destination?.unit ?? clientUnit }

    /// Whether its client wrote to unit 0, which is all units.
    package var isClientBroadcast: Bool { clientUnit.isBroadcast && !isRead }

    /// Whether it is a write to all units of its line, which none answers.
    package var isLineBroadcast: Bool { lineUnit.isBroadcast && !isRead }

    /// Whether it asks the same of the same unit of the same line.
    package func isIdentical(to other: Query) -> Bool {
        clientUnit == other.clientUnit && destination == other.destination && pdu == other.pdu
    }

    /// The same query, handed to its line.
    func dispatched() -> Self {
        var query = self
        query.isDispatched = true
        return query
    }

    /// A part of a read, which is a query of its own in the place of the whole.
    ///
    /// - Parameter number: from 1 on.
    func part(_ number: UInt32, _ pdu: PDU) -> Self {
        var part = self
        part.id = id.part(number)
        part.pdu = pdu
        return part
    }
}

/// A line of the switchboard by number. A number names one line, and what answers there, for the life of the process.
package struct LineNumber: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}

/// Where a query goes: a line, and the unit's number there, which need not be the one that the client knows.
package struct Destination: Hashable, Sendable {
    package let line: LineNumber
    package let unit: UnitIdentifier

    package init(line: LineNumber, unit: UnitIdentifier) {
        self.line = line
        self.unit = unit
    }
}
