internal import Modbus

/// The transmissions that got no reply and may still produce one (R4).
///
/// RTU has no transaction identifier: while a debt is open, no other request to that unit with that function may be
/// sent, because the late reply could be taken for its answer. A read of another length may: the late reply is known by
/// its byte count, and a late exception, which has none, is given to nobody. A debt of unit 0 counts for every unit.
struct DebtLedger {
    private struct Debt {
        let unit: UnitIdentifier
        let request: PDU
        let isRead: Bool
        let expires: Instant
        /// Whether something was written to the unit since: its late reply is no right answer to a new read.
        var isStale = false

        func isIdentical(to query: Query) -> Bool { unit == query.lineUnit && request == query.pdu }

        func concerns(_ unit: UnitIdentifier) -> Bool {
            self.unit == unit || self.unit.isBroadcast || unit.isBroadcast
        }
    }

    private let isNeeded: Bool
    private var debts: [Debt] = []
    /// The replies that may still come, in the order in which the debts were made.
    private(set) var shapes: [ReplyShape] = []

    /// - Parameter isNeeded: false where the link knows late replies by itself: no debt is kept.
    init(isNeeded: Bool = true) {
        self.isNeeded = isNeeded
    }

    var isEmpty: Bool { debts.isEmpty }

    /// When the first window is over; nil without debts.
    var nextExpiry: Instant? { debts.lazy.map(\.expires).min() }

    mutating func add(_ query: Query, shape: ReplyShape, expires: Instant) {
        guard isNeeded else { return }
        debts.append(Debt(unit: query.lineUnit, request: query.pdu, isRead: query.isRead, expires: expires))
        shapes.append(shape)
    }

    /// Whether sending this query now could take another's late reply for its own.
    ///
    /// An identical read may go: the late reply is a right answer to it, unless a write to the unit was sent since.
    func blocks(_ query: Query) -> Bool {
        debts.indices.contains { blocks(query, at: $0) }
    }

    /// Whether the first query, which may be sent beside the debt of an identical one, would make it last longer for the
    /// second: after its reply the other may still come.
    func isProlonged(by query: Query, for blocked: Query) -> Bool {
        debts.indices.contains { debts[$0].isIdentical(to: query) && blocks(blocked, at: $0) }
    }

    private func blocks(_ query: Query, at index: Int) -> Bool {
        let debt = debts[index]
        guard debt.request.function == query.pdu.function, debt.concerns(query.lineUnit) else { return false }
        guard debt.isRead else { return true }
        return debt.isIdentical(to: query) ? debt.isStale : shapes[index].length == replyLength(of: query)
    }

    private func replyLength(of query: Query) -> Int? {
        ReplyShape(unit: query.lineUnit, request: query.pdu).length
    }

    /// Whether an exception that has come for this query could as well be the late answer to another request.
    func mayOweException(insteadOf query: Query) -> Bool {
        debts.contains { debt in
            debt.request.function == query.pdu.function && debt.concerns(query.lineUnit)
                && !debt.isIdentical(to: query)
        }
    }

    /// A late reply of this shape has come and was discarded.
    mutating func settle(_ shape: ReplyShape) {
        if let index = shapes.firstIndex(of: shape) { settle(at: index) }
    }

    private mutating func settle(at index: Int) {
        debts.remove(at: index)
        shapes.remove(at: index)
    }

    /// A reply to this query was taken, which may have been that of an earlier, identical transmission.
    ///
    /// - Returns: whether there was such a debt; it is closed, and the query's own transmission takes its place.
    mutating func settleOldest(identicalTo query: Query) -> Bool {
        guard let index = debts.firstIndex(where: { $0.isIdentical(to: query) }) else {
            return false
        }
        settle(at: index)
        return true
    }

    /// A write was sent to this unit, or to all.
    mutating func noteWrite(to unit: UnitIdentifier) {
        for index in debts.indices where debts[index].concerns(unit) { debts[index].isStale = true }
    }

    /// Forgets the debts whose window is over.
    mutating func expire(at now: Instant) {
        for index in debts.indices.reversed() where debts[index].expires <= now { settle(at: index) }
    }
}
