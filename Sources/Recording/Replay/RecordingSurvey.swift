package import Modbus

/// What a recording holds, before it is played: the units, the first value of every register, the first reply to every
/// other request.
package struct RecordingSurvey: Sendable {
    package struct Unit: Sendable {
        package fileprivate(set) var registers = Dataset.Unit()
        /// By request, as far as a reply is not registers.
        package fileprivate(set) var replies: [PDU: PDU] = [:]
    }

    /// The most different requests that are remembered of a unit.
    package static let largestVocabulary = 4096

    package private(set) var units: [UnitIdentifier: Unit] = [:]
    /// When the first exchange began; nil: there is none.
    package private(set) var start: Int64?

    /// Reads the whole file once.
    ///
    /// - Throws: ``ReadingError``.
    package init(_ path: String) throws(ReadingError) {
        var reader = RecordingReader()
        var pairing = ExchangePairing()
        var survey = self
        survey.units = [:]
        try reader.read(path) { line in pairing.take(line) { survey.note($0) } }
        pairing.end { survey.note($0) }
        self = survey
    }

    private mutating func note(_ exchange: RecordedExchange) {
        start = min(start ?? exchange.microseconds, exchange.microseconds)
        guard let reply = exchange.reply, let name = exchange.answeringUnit else { return }
        if let read = ReadRegisters(exchange) {
            units[name, default: Unit()].registers.add(read, replacing: false)
        } else if units[name]?.replies.count ?? 0 < Self.largestVocabulary,
            units[name]?.replies[exchange.request] == nil
        {
            units[name, default: Unit()].replies[exchange.request] = reply
        }
    }
}

extension Dataset.Unit {
    /// Takes over the registers that the reply of an exchange holds.
    ///
    /// - Returns: false if it is no reply with registers.
    package mutating func add(registersOf exchange: RecordedExchange) -> Bool {
        guard let read = ReadRegisters(exchange) else { return false }
        add(read, replacing: true)
        return true
    }

    fileprivate mutating func add(_ read: ReadRegisters, replacing: Bool) {
        // In place: through the subscript each value would copy the whole table.
        switch read.table {
        case .holding: Self.add(read, to: &holding, replacing: replacing)
        case .input: Self.add(read, to: &input, replacing: replacing)
        case .meter: Self.add(read, to: &meter, replacing: replacing)
        }
    }

    private static func add(_ read: ReadRegisters, to table: inout [UInt16: UInt16], replacing: Bool) {
        var (address, index) = (read.address, read.bytes.startIndex)
        while index + 1 < read.bytes.endIndex {
            let value = UInt16(read.bytes[index]) << 8 | UInt16(read.bytes[index + 1])
            let key = UInt16(address)
            if replacing || table[key] == nil { table[key] = value }
            (address, index) = (address + 1, index + 2)
        }
    }
}
