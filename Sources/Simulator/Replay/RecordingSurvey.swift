package import Growatt
package import Modbus
package import WireLog

/// What a recording holds, before it is played.
package struct RecordingSurvey: Sendable {
    package struct Unit: Sendable {
        package fileprivate(set) var registers = Dataset.Unit()
        /// By request, as far as a reply is not registers.
        package fileprivate(set) var replies: [PDU: PDU] = [:]
    }

    /// Which values are kept of each register and of each other request.
    package enum Moment: Sendable {
        case first, last
    }

    /// The most different requests that are remembered of a unit.
    package static let largestVocabulary = 4096

    /// Those that answer.
    package private(set) var units: [UnitIdentifier: Unit] = [:]
    /// How often each request comes; see ``hasAllRequests``.
    package private(set) var requests: [RecordedRequest: Int] = [:]
    /// Whether ``requests`` has all of them.
    package private(set) var hasAllRequests = true
    package private(set) var exchanges = 0
    /// What was left out.
    package private(set) var summary = ReadingSummary()
    /// When the first exchange began; nil: there is none.
    package private(set) var start: Int64?
    /// When the last one began.
    package private(set) var end: Int64?

    private var moment: Moment

    /// Reads the whole file once.
    ///
    /// - Throws: ``ReadingError``.
    package init(_ path: String, at moment: Moment = .first) throws(ReadingError) {
        self.moment = moment
        var reader = RecordingReader()
        var pairing = ExchangePairing()
        var survey = self
        try reader.read(path) { line in pairing.take(line) { survey.note($0) } }
        pairing.end { survey.note($0) }
        survey.summary = reader.summary
        self = survey
    }

    private mutating func note(_ exchange: RecordedExchange) {
        exchanges += 1
        start = min(start ?? exchange.microseconds, exchange.microseconds)
        end = max(end ?? exchange.microseconds, exchange.microseconds)
        let isFirst = count(exchange.key)
        guard let reply = exchange.reply, let name = exchange.answeringUnit else { return }
        if let read = exchange.readRegisters {
            units[name, default: Unit()].registers.add(read, replacing: moment == .last)
            if moment == .last { units[name]?.replies[exchange.request] = nil }
        } else if isFirst || moment == .last {
            units[name, default: Unit()].add(reply, to: exchange.request)
        }
    }

    /// - Returns: whether it is the first of its kind.
    private mutating func count(_ key: RecordedRequest) -> Bool {
        if let count = requests[key] {
            requests[key] = count + 1
            return false
        }
        guard requests.count < Self.largestVocabulary else {
            hasAllRequests = false
            return false
        }
        requests[key] = 1
        return true
    }
}

extension RecordingSurvey.Unit {
    fileprivate mutating func add(_ reply: PDU, to request: PDU) {
        if replies[request] != nil || replies.count < RecordingSurvey.largestVocabulary { replies[request] = reply }
    }
}

/// What was asked of which unit; of unit 0, of the unit that has answered.
package struct RecordedRequest: Hashable, Sendable {
    package let unit: UnitIdentifier
    package let pdu: PDU

    package init(unit: UnitIdentifier, pdu: PDU) {
        self.unit = unit
        self.pdu = pdu
    }
}

extension RecordedExchange {
    package var key: RecordedRequest { RecordedRequest(unit: answeringUnit ?? unit, pdu: request) }

    /// The registers that the reply holds; nil if it holds none.
    fileprivate var readRegisters: ReadRegisters? { ReadRegisters(unit: answeringUnit, request: request, reply: reply) }
}

extension Dataset.Unit {
    /// Takes over the registers that the reply of an exchange holds.
    ///
    /// - Returns: false if it is no reply with registers.
    package mutating func add(registersOf exchange: RecordedExchange) -> Bool {
        guard let read = exchange.readRegisters else { return false }
        add(read, replacing: true)
        return true
    }
}
