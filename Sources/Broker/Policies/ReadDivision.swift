package import Modbus

/// Asks a line for no more registers at once than its units can answer: a larger read goes there in parts, one after the
/// other, and its client gets one answer.
///
/// Each part is a query of its own in the class and the place of its client, and is asked only when the one before was
/// answered: between them others have their turns. What fails a part, an exception too, is the answer to the whole.
/// Reads of bits and of unit 0 go as they are: the parts of the latter could be answered by different units.
package final class ReadDivision: Backend {
    /// How often a read begins anew because a write came between its parts, before it is given up (0x06).
    fileprivate static let maximumRestarts = 2

    /// The most registers of a read; nil: any number. What holds for queries from now on.
    package var limit: UInt16?
    /// The same of single units, in place of ``limit``.
    package var unitLimits: [UnitIdentifier: UInt16] = [:]
    /// Gets the queries. Another one must lead to the same end, which knows the queries that run.
    package var next: any Backend
    fileprivate let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    /// Reads that go in parts and have not ended.
    private var divided: [DividedRead] = []
    /// How many writes to each unit have been asked for, or have ended. Only looked up.
    private var writes: [UnitIdentifier: UInt64] = [:]

    /// - Parameters:
    ///   - limit: 1–125 registers; nil: none.
    ///   - observe: told of each part as it is handed on.
    package init(
        _ limit: UInt16?, timeline: any Timeline, next: any Backend,
        observe: @escaping (BrokerEvent) -> Void = { _ in }
    ) {
        self.limit = limit
        self.timeline = timeline
        self.next = next
        self.observe = observe
    }

    package func submit(_ query: Query, for owner: any QueryOwner) {
        // Without a limit nothing is noted, and the query costs nothing here.
        guard limit != nil || !unitLimits.isEmpty || !divided.isEmpty else { return next.submit(query, for: owner) }
        if let parts = parts(of: query) {
            let read = DividedRead(of: query, for: owner, in: parts, by: self)
            divided.append(read)
            read.ask()
        } else if query.isRead {
            next.submit(query, for: owner)
        } else {
            noteWrite(to: query.lineUnit)
            next.submit(query, for: NotedWrite(owner, by: self))
        }
    }

    package func withdraw(_ query: Query) {
        guard let read = divided.first(where: { $0.query.id == query.id }) else { return next.withdraw(query) }
        read.withdraw()
    }

    private func parts(of query: Query) -> [PDU]? {
        guard let limit = unitLimits[query.lineUnit] ?? limit, query.isRead, !query.lineUnit.isBroadcast,
            case .readRegisters(let function, let range) = try? Request(query.pdu),
            range.quantity > limit
        else { return nil }
        return cut(range, every: Int(limit)).map { PDU(read: function, address: $0.address, quantity: $0.quantity) }
    }

    /// At the multiples of the limit, where vendors begin their blocks: no value of several registers lies across them,
    /// and some units refuse what does.
    private func cut(_ range: AddressRange, every limit: Int) -> [(address: UInt16, quantity: UInt16)] {
        let addresses = range.addresses
        let cuts = addresses.dropFirst().filter { $0.isMultiple(of: limit) }
        return zip([addresses.lowerBound] + cuts, cuts + [addresses.upperBound]).map { begin, end in
            (UInt16(begin), UInt16(end - begin))
        }
    }

    /// A write begins or ends: what was read before it is of another time than what is read after it.
    fileprivate func noteWrite(to unit: UnitIdentifier) { writes[unit, default: 0] += 1 }

    /// How many writes to a unit, or to all units, have begun or ended.
    fileprivate func writesTo(_ unit: UnitIdentifier) -> UInt64 {
        writes[unit, default: 0] + writes[.broadcast, default: 0]
    }

    fileprivate func ask(_ part: Query, of read: DividedRead) {
        observe(.transmitted(RTUFrame(unit: part.lineUnit, pdu: part.pdu), reason: .part, for: part.client))
        next.submit(part, for: read)
    }

    fileprivate func end(_ read: DividedRead, _ exchange: Exchange) {
        divided.removeAll { $0 === read }
        read.owner.finished(exchange)
    }
}

/// Notes the end of a write.
private final class NotedWrite: QueryOwner {
    private let owner: any QueryOwner
    private let division: ReadDivision

    init(_ owner: any QueryOwner, by division: ReadDivision) {
        self.owner = owner
        self.division = division
    }

    func finished(_ exchange: Exchange) {
        division.noteWrite(to: exchange.query.lineUnit)
        owner.finished(exchange)
    }
}

/// A read that goes to the line in parts, and what has come of it.
private final class DividedRead: QueryOwner {
    let query: Query
    let owner: any QueryOwner
    private let division: ReadDivision
    private let parts: [PDU]
    /// How many writes there had been when it began.
    private var writes: UInt64
    private var restarts = 0
    private var isWithdrawn = false
    private var registers: [UInt16] = []
    private var answered = 0
    /// How many parts have been asked for, which are named by that.
    private var asked: UInt32 = 0
    /// The part that was asked last.
    private var part: Query?
    private var attempts = 0
    private var sent: Instant?
    private var longestPart: Duration?

    /// - Parameter parts: at least one, in their order.
    init(of query: Query, for owner: any QueryOwner, in parts: [PDU], by division: ReadDivision) {
        self.query = query
        self.owner = owner
        self.parts = parts
        self.division = division
        writes = division.writesTo(query.lineUnit)
    }

    func ask() {
        asked += 1
        let part = query.part(asked, parts[answered])
        self.part = part
        division.ask(part, of: self)
    }

    func withdraw() {
        isWithdrawn = true
        if let part { division.next.withdraw(part) }
    }

    func finished(_ exchange: Exchange) {
        if let whole = take(exchange) { return division.end(self, whole) }
        if isWithdrawn { return division.end(self, failed(.withdrawn)) }
        let now = division.writesTo(query.lineUnit)
        if now != writes {
            guard restarts < ReadDivision.maximumRestarts else { return division.end(self, failed(.overloaded)) }
            restart(writes: now)
        } else if answered == parts.count {
            let pdu = PDU(registers: registers, replyTo: query.pdu.function)
            let reply = RTUFrame(unit: query.lineUnit, pdu: pdu)
            return division.end(self, ended(.success(reply), like: exchange))
        }
        ask()
    }

    /// - Returns: the end of the whole, if the part failed; nil: it was answered.
    private func take(_ exchange: Exchange) -> Exchange? {
        let part = parts[answered]
        attempts += exchange.attempts
        sent = sent ?? exchange.sent
        longestPart = [longestPart, exchange.busTime].compactMap(\.self).max()
        guard case .success(let reply) = exchange.result, reply.pdu.exceptionCode == nil else {
            return ended(exchange.result, like: exchange)
        }
        guard let values = reply.pdu.registers, PDU(registers: values, replyTo: part.function).bytes == reply.pdu.bytes,
            reply.pdu.bytes.count == 2 + 2 * Int(part.quantityOfRead)
        else { return ended(.failure(.noReply), like: exchange) }
        registers += values
        answered += 1
        return nil
    }

    private func restart(writes: UInt64) {
        self.writes = writes
        restarts += 1
        registers = []
        answered = 0
        // What counts is the instant of the first part that is in the answer.
        sent = nil
    }

    private func failed(_ error: BrokerError) -> Exchange {
        Exchange(
            query: query, result: .failure(error), source: .broker, attempts: attempts, sent: sent,
            finished: division.timeline.now, longestPart: longestPart)
    }

    private func ended(_ result: Result<RTUFrame, BrokerError>, like exchange: Exchange) -> Exchange {
        Exchange(
            query: query, result: result, source: exchange.source, attempts: attempts, sent: sent,
            finished: exchange.finished, longestPart: longestPart)
    }
}

extension PDU {
    /// Of a request that was made here.
    fileprivate var quantityOfRead: UInt16 { UInt16(bytes[3]) << 8 | UInt16(bytes[4]) }
}
