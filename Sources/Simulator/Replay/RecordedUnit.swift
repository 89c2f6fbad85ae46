package import Broker
internal import Growatt
package import Modbus
internal import WireLog

/// A unit that answers as a recording has it.
package final class RecordedUnit: SimulatedUnit {
    private let name: UnitIdentifier
    private unowned let playback: RecordingPlayback
    fileprivate(set) var registers: Dataset.Unit
    /// The latest replies that are no registers, exceptions among them.
    fileprivate var replies: [PDU: PDU]
    /// How long the latest reply to each request took; in strict order only of the request that was asked last.
    fileprivate var times: [PDU: Duration] = [:]

    init(_ name: UnitIdentifier, _ survey: RecordingSurvey.Unit, _ playback: RecordingPlayback) {
        self.name = name
        self.playback = playback
        registers = survey.registers
        replies = survey.replies
    }

    package func advance(to now: Instant) { playback.advance(to: now) }

    package func replyTime(to request: PDU) -> Duration? { times[request].map { playback.scaled($0) } ?? .zero }

    package func answer(_ request: PDU, at now: Instant) -> PDU? {
        playback.advance(to: now)
        if playback.isStrict {
            times.removeAll(keepingCapacity: true)
            guard let exchange = playback.next(request, of: name) else { return unseen(request) }
            times[request] = exchange.replyTime.map { Duration(nanoseconds: $0 * 1000) }
            return exchange.reply
        }
        return replies[request] ?? values(request) ?? unseen(request)
    }

    /// The latest values of registers, which may come from several replies; nil: one of them was never read.
    private func values(_ request: PDU) -> PDU? {
        guard let table = RegisterTable(readBy: request.function),
            case .readRegisters(_, let range) = try? Request(request)
        else { return nil }
        var values: [UInt16] = []
        for offset in 0..<range.quantity {
            guard let value = registers[table][range.address + offset] else { return nil }
            values.append(value)
        }
        return PDU(registers: values, replyTo: request.function)
    }

    private func unseen(_ request: PDU) -> PDU? {
        playback.isSilentWhenUnseen ? nil : PDU(exception: .illegalDataAddress, to: request.function)
    }

    /// The moment of this exchange has come.
    func note(_ exchange: RecordedExchange, _ reply: PDU) {
        if registers.add(registersOf: exchange) {
            replies[exchange.request] = nil
        } else if replies[exchange.request] != nil || replies.count < RecordingSurvey.largestVocabulary {
            replies[exchange.request] = reply
        }
        if let time = exchange.replyTime,
            times[exchange.request] != nil || times.count < RecordingSurvey.largestVocabulary
        {
            times[exchange.request] = Duration(nanoseconds: time * 1000)
        }
    }
}
