internal import Broker
internal import Modbus

/// What a RSP line calls the end of a query.
///
/// | result | sent? | outcome | hex |
/// |---|---|---|---|
/// | a reply, or a broadcast's acknowledgement | | `ok` | the reply |
/// | a reply that is an exception | | `exception` | the reply |
/// | `noReply`, `silentUnit`, `restingRange`, `expiredOnLine` | | `timeout` | empty |
/// | `refused`, `malformed` | no | `refused` | the exception, if delivered |
/// | `expired` | no | `expired` | the exception, if delivered |
/// | `overloaded`, `lent`, `stopping`, `unavailable`, `withdrawn` | no | `not_sent` | the exception, if delivered |
/// | one of these five | yes | `timeout`: a retry was due, and then this happened | empty |
/// | any, when its client has asked something newer or the same again | | `superseded` | the reply, if there is one |
package enum WireLogOutcome: String, WireLogWord {
    case ok, exception, timeout, superseded, refused, expired
    case notSent = "not_sent"

    package var use: WordUse { .written }

    init(_ exchange: Exchange, _ delivery: BrokerEvent.Delivery) {
        switch (delivery, exchange.result) {
        case (.superseded, _): self = .superseded
        case (_, .success(let frame)): self = frame.pdu.function.isException ? .exception : .ok
        case (_, .failure(let error)): self = Self.of(error, wasSent: exchange.attempts > 0)
        }
    }

    private static func of(_ error: BrokerError, wasSent: Bool) -> WireLogOutcome {
        switch error {
        case .noReply, .silentUnit, .restingRange, .expiredOnLine: .timeout
        case .refused, .malformed: .refused
        case .expired: wasSent ? .timeout : .expired
        case .overloaded, .lent, .stopping, .unavailable, .withdrawn: wasSent ? .timeout : .notSent
        }
    }
}

extension BrokerError {
    /// The value of the field `error`.
    var nameInWireLog: StaticString {
        switch self {
        case .noReply: "no_reply"
        case .silentUnit: "silent_unit"
        case .restingRange: "resting_range"
        case .expiredOnLine: "expired_on_line"
        case .unavailable: "unavailable"
        case .overloaded: "overloaded"
        case .expired: "expired"
        case .refused: "refused"
        case .malformed: "malformed"
        case .lent: "lent"
        case .stopping: "stopping"
        case .withdrawn: "withdrawn"
        }
    }
}
