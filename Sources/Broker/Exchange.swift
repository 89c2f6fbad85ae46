package import Modbus

/// One query and its outcome, with its instants.
package struct Exchange: Sendable {
    /// Where an answer comes from.
    package enum Source: String, Hashable, Sendable {
        case bus
        /// It joined another's read.
        case shared
        case memory
        /// An answer made here: an exception, or the acknowledgement of a broadcast.
        case broker
    }

    package private(set) var query: Query
    /// The reply as it was on the bus, but for the number of a unit that the client knows by another, or why there is none.
    /// The unit differs from the query's for a read of unit 0.
    package let result: Result<RTUFrame, BrokerError>
    package private(set) var source: Source
    /// How often it was sent.
    package let attempts: Int
    /// When it was last sent; nil if never.
    package let sent: Instant?
    package private(set) var finished: Instant
    /// Where it went; nil: to no line of a switchboard.
    package let destination: Destination?
    /// The longest busTime of the parts of a read that went in parts; nil: it went as one.
    private let longestPart: Duration?

    /// - Parameter result: with the unit's own number, where the client knows the unit by another.
    package init(
        query: Query, result: Result<RTUFrame, BrokerError>, source: Source, attempts: Int = 0, sent: Instant? = nil,
        finished: Instant, longestPart: Duration? = nil
    ) {
        self.query = query
        self.result = query.forClient(result)
        self.source = source
        self.attempts = attempts
        self.sent = sent
        self.finished = finished
        destination = query.isDispatched ? query.destination : nil
        self.longestPart = longestPart
    }

    /// An exchange that ends without the line.
    package static func failed(_ query: Query, _ error: BrokerError, at now: Instant) -> Exchange {
        Exchange(query: query, result: .failure(error), source: .broker, finished: now)
    }

    /// The same outcome, for an identical copy of the query.
    package func answering(_ copy: Query) -> Exchange {
        var exchange = self
        exchange.query = copy
        return exchange
    }

    /// The same outcome, for an identical read that joined this one: the line was used once.
    func shared(with copy: Query) -> Exchange {
        var exchange = answering(copy)
        exchange.source = .shared
        return exchange
    }

    /// The same outcome, told later.
    func ended(at now: Instant) -> Exchange {
        var exchange = self
        exchange.finished = now
        return exchange
    }

    /// Time from arrival to transmission, or to the end if it was never sent; 0 for a copy that came after it was sent.
    package var waitingTime: Duration { max(.zero, (sent ?? finished) - query.arrived) }

    /// Time from transmission to the end; nil if it was never sent.
    package var busTime: Duration? { sent.map { finished - $0 } }

    /// Time of the unit: from the transmission of a request to its reply, of several parts the longest; nil if it was never
    /// sent.
    package var replyTime: Duration? { longestPart ?? busTime }
}

extension Query {
    /// The answer of a unit that the client knows by another number gets that number.
    fileprivate func forClient(_ result: Result<RTUFrame, BrokerError>) -> Result<RTUFrame, BrokerError> {
        guard lineUnit != clientUnit, case .success(let reply) = result else { return result }
        return .success(RTUFrame(unit: clientUnit, pdu: reply.pdu))
    }
}
