internal import Broker
internal import Text

/// The words of recordings, made once for a reader.
struct RecordWords: Sendable {
    let fields = Vocabulary(WireLogField.allCases.filter(\.isRead))
    let roles = Vocabulary(WireLogRole.allCases)
    let operations = Vocabulary(CapturedCall.allCases)
    let outcomes = Vocabulary(WireLogOutcome.allCases)
}

extension RecordFields {
    /// - Parameter text: the inside of a string; escapes are not resolved.
    /// - Returns: whether it is what the field may hold.
    mutating func set(
        _ field: WireLogField, _ text: UnsafeRawBufferPointer, _ words: RecordWords, _ clients: inout RecordedClients
    ) -> Bool {
        switch field {
        case .timestamp:
            guard let time = CivilTime.microseconds(text) else { return false }
            self.time = .civil(microseconds: time)
        case .role: role = words.roles.word(text)
        case .operation: operation = words.operations.word(text)
        case .fromClient, .toClient:
            guard !text.contains(UInt8(ascii: "\\")) else { return false }
            client = clients.client(text)
        case .hex: return HexDigits.decode(text, into: &hex)
        case .pdu: return HexDigits.decode(text, into: &pdu)
        case .reply: return HexDigits.decode(text, into: &reply)
        case .event: event = WireLogEvent(rawValue: String(decoding: text, as: UTF8.self)) ?? .other
        case .reason: reason = String(decoding: text.prefix(40), as: UTF8.self)
        case .outcome: outcome = words.outcomes.word(text)
        case .source: isFromBroker = text.elementsEqual(Exchange.Source.broker.rawValue.utf8)
        case .error: hasError = true
        case .line: lineName = String(decoding: text.prefix(40), as: UTF8.self)
        case .format: characterBits = Self.characterBits(text)
        default: return false
        }
        return true
    }

    /// - Parameter number: in millionths.
    /// - Returns: whether the field may hold a number.
    mutating func set(_ field: WireLogField, _ number: Int64) -> Bool {
        switch field {
        case .timestamp: time = .since1970(microseconds: number)
        case .seconds: seconds = number
        case .unit, .capturedUnit: unit = number
        case .function: function = number
        case .address: address = number
        case .quantity: quantity = number
        case .value: value = number
        case .busTime: busTime = (number / 1000).clamped(to: Self.durations)
        case .waitingTime: waitingTime = (number / 1000).clamped(to: Self.durations)
        case .lost: lost = number
        case .baud: baud = number
        case .code: code = number
        default: return false
        }
        return true
    }

    /// `8N1`: start bit, data bits, parity bit, stop bits.
    private static func characterBits(_ text: UnsafeRawBufferPointer) -> Int? {
        guard text.count == 3 else { return nil }
        let (data, stop) = (Int(text[0]) - 0x30, Int(text[2]) - 0x30)
        guard (7...8).contains(data), (1...2).contains(stop) else { return nil }
        return 1 + data + (text[1] | 0x20 == UInt8(ascii: "n") ? 0 : 1) + stop
    }
}

extension Int64 {
    fileprivate func clamped(to range: ClosedRange<Int64>) -> Int64 {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
