internal import Modbus
internal import WireLog

/// How requests ended.
package struct OutcomeCounts: Sendable {
    package private(set) var requests = 0
    /// Anything from a unit, exceptions included, whether the client got it or not.
    package private(set) var replies = 0
    /// Replies that are exceptions.
    package private(set) var exceptions = 0
    /// By exception code.
    package private(set) var exceptionCodes: [UInt8: Int] = [:]
    package private(set) var timeouts = 0
    package private(set) var superseded = 0
    package private(set) var refused = 0
    package private(set) var expired = 0
    package private(set) var notSent = 0
    /// The recording does not tell their end.
    package private(set) var open = 0

    mutating func add(_ exchange: RecordedExchange) {
        requests += 1
        if let reply = exchange.reply {
            replies += 1
            if let code = reply.exceptionCode {
                exceptions += 1
                exceptionCodes[code.rawValue, default: 0] += 1
            }
        }
        switch exchange.outcome {
        case .ok, .exception: break
        case .timeout: timeouts += 1
        case .superseded: superseded += 1
        case .refused: refused += 1
        case .expired: expired += 1
        case .notSent: notSent += 1
        case nil: open += 1
        }
    }
}

/// Requests that repeat the one before of the same client: the same unit and the same bytes.
///
/// A client that asks for one thing only, again and again, looks the same.
package struct RepeatCounts: Sendable {
    /// The one before was still being worked on.
    package internal(set) var whilePending = 0
    /// The one before got no answer.
    package internal(set) var afterFailure = 0
    /// The one before had been answered.
    package internal(set) var afterAnswer = 0

    package var all: Int { whilePending + afterFailure + afterAnswer }
}
