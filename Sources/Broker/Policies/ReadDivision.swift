package import Modbus

/// Asks a line for no more registers at once than its units can answer: a larger read goes there in parts, one after the
/// other, and its client gets one answer.
///
/// Each part is a query of its own in the class and the place of its client, and is asked only when the one before was
/// answered: between them others have their turns. What fails a part, an exception too, is the answer to the whole.
/// Reads of bits and of unit 0 go as they are: the parts of the latter could be answered by different units.
package final class ReadDivision: Backend {
    /// How often a read begins anew because a write came between its parts, before it is given up (0x06).
    private static let maximumRestarts = 2

    /// A query that has not been completed.
    private final class Running {
        let backend: any Backend
        /// Names what the backend has of it now.
        var id: Query.ID
        var isWithdrawn = false

        init(_ id: Query.ID, _ backend: any Backend) {
            self.id = id
            self.backend = backend
        }
    }

    /// The most registers of a read; nil: any number. What holds for queries from now on.
    package var limit: UInt16?
    /// The same of single units, in place of ``limit``.
    package var unitLimits: [UnitIdentifier: UInt16] = [:]
    /// Who gets the next queries. What an earlier one was handed is still that one's to complete.
    package var next: any Backend {
        didSet {
            guard next !== oldValue else { return }
            earlier = earlier.suffix(Self.maximumEarlier - 1) + [oldValue]
        }
    }
    /// The latest that may still have queries of before a reload.
    private var earlier: [any Backend] = []
    private static let maximumEarlier = 4
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    /// Only looked up.
    private var running: [Query.ID: Running] = [:]
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

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        // Without a limit nothing is noted, and the query costs nothing here.
        guard limit != nil || !unitLimits.isEmpty || !running.isEmpty else { return next.submit(query, done) }
        let entry = Running(query.id, next)
        running[query.id] = entry
        let finish = { [self] (exchange: Exchange) in
            running[query.id] = nil
            done(exchange)
        }
        if let parts = parts(of: query) {
            ask(DividedRead(of: query, in: parts, writes: writesTo(query.unit)), entry, finish)
        } else {
            note(query)
            next.submit(query) { [self] exchange in
                note(query)
                finish(exchange)
            }
        }
    }

    package func withdraw(_ id: Query.ID) {
        guard let entry = running[id] else {
            for backend in earlier { backend.withdraw(id) }
            return next.withdraw(id)
        }
        entry.isWithdrawn = true
        entry.backend.withdraw(entry.id)
    }

    private func parts(of query: Query) -> [PDU]? {
        guard let limit = unitLimits[query.unit] ?? limit, query.isRead, !query.unit.isBroadcast,
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

    /// A write that begins or ends: what was read before it is of another time than what is read after it.
    private func note(_ query: Query) {
        if !query.isRead { writes[query.unit, default: 0] += 1 }
    }

    /// Those to all units included.
    private func writesTo(_ unit: UnitIdentifier) -> UInt64 { writes[unit, default: 0] + writes[0, default: 0] }

    private func ask(_ read: DividedRead, _ entry: Running, _ done: @escaping (Exchange) -> Void) {
        let part = read.next
        entry.id = part.id
        observe(.transmitted(RTUFrame(unit: part.unit, pdu: part.pdu), reason: .part, for: part.client))
        entry.backend.submit(part) { [self] exchange in
            var read = read
            if let whole = read.take(exchange) { return done(whole) }
            if entry.isWithdrawn { return done(read.failed(.withdrawn, at: timeline.now)) }
            let now = writesTo(part.unit)
            if now != read.writes {
                guard read.restarts < Self.maximumRestarts else {
                    return done(read.failed(.overloaded, at: timeline.now))
                }
                read.restart(writes: now)
            } else if let whole = read.whole {
                return done(whole)
            }
            ask(read, entry, done)
        }
    }
}

/// A read that goes to the line in parts, and what has come of it.
private struct DividedRead {
    private let query: Query
    private let parts: [PDU]
    /// How many writes there had been when it began.
    private(set) var writes: UInt64
    private(set) var restarts = 0
    private var registers: [UInt16] = []
    private var answered = 0
    /// How many parts have been asked for, which are named by that.
    private var asked: UInt32 = 0
    private var attempts = 0
    private var sent: Instant?
    private var longestPart: Duration?
    private var last: Exchange?

    /// - Parameter parts: at least one, in their order.
    init(of query: Query, in parts: [PDU], writes: UInt64) {
        self.query = query
        self.parts = parts
        self.writes = writes
    }

    var next: Query {
        Query(
            id: query.id.part(asked + 1), client: query.client, unit: query.unit, pdu: parts[answered], isRead: true,
            arrived: query.arrived, deadline: query.deadline)
    }

    /// - Returns: the end of the whole, if the part failed; nil: it was answered.
    mutating func take(_ exchange: Exchange) -> Exchange? {
        let part = parts[answered]
        asked += 1
        attempts += exchange.attempts
        sent = sent ?? exchange.sent
        longestPart = [longestPart, exchange.busTime].compactMap(\.self).max()
        last = exchange
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

    /// The answer, if all parts are there.
    var whole: Exchange? {
        guard answered == parts.count, let last else { return nil }
        let pdu = PDU(registers: registers, replyTo: query.pdu.function)
        return ended(.success(RTUFrame(unit: query.unit, pdu: pdu)), like: last)
    }

    mutating func restart(writes: UInt64) {
        self.writes = writes
        restarts += 1
        registers = []
        answered = 0
        // What counts is the instant of the first part that is in the answer.
        sent = nil
    }

    func failed(_ error: BrokerError, at now: Instant) -> Exchange {
        Exchange(
            query: query, result: .failure(error), source: .broker, attempts: attempts, sent: sent, finished: now,
            destination: last?.destination, longestPart: longestPart)
    }

    private func ended(_ result: Result<RTUFrame, BrokerError>, like exchange: Exchange) -> Exchange {
        Exchange(
            query: query, result: result, source: exchange.source, attempts: attempts, sent: sent,
            finished: exchange.finished, destination: exchange.destination, longestPart: longestPart)
    }
}

extension PDU {
    /// Of a request that was made here.
    fileprivate var quantityOfRead: UInt16 { UInt16(bytes[3]) << 8 | UInt16(bytes[4]) }
}
