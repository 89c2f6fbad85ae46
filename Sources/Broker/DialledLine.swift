/// Decides which connection is the line where a server dials in (decision 19): the first one, until it is lost, or leaves a
/// request unanswered while another one waits.
///
/// It needs no clock: the bus sends its next request when it has the answer to the last one, or has given up waiting for it.
package struct DialledLine: Sendable {
    /// The number of a connection; no two have the same.
    package typealias Connection = Int

    /// What is lost with a connection.
    package enum Loss: Hashable, Sendable {
        /// Nothing: it has waited.
        case waiting
        /// Nothing: no request was on its way, and the line has another connection.
        case replaced
        /// The line: a request is lost, or there is no other connection.
        case line
    }

    /// So many may wait; if more come, the one that has waited longest is closed.
    package static let mostWaiting = 4

    /// The connection to the units; nil: there is none.
    package private(set) var line: Connection?
    /// The others, the oldest first.
    package private(set) var waiting: [Connection] = []
    /// Whether the last request over the line's connection has no answer.
    private var isUnanswered = false

    package init() {}

    /// A connection has come.
    ///
    /// - Returns: the one that has to be closed, because too many wait; nil: none.
    package mutating func came(_ connection: Connection) -> Connection? {
        guard line != nil else {
            take(connection)
            return nil
        }
        waiting.append(connection)
        return waiting.count > Self.mostWaiting ? waiting.removeFirst() : nil
    }

    /// A connection is gone. If it was the line's, the newest that waits is the line at once.
    package mutating func lost(_ connection: Connection) -> Loss {
        guard connection == line else {
            waiting.removeAll { $0 == connection }
            return .waiting
        }
        let isQuiet = !isUnanswered
        line = nil
        guard let newest = waiting.popLast() else { return .line }
        take(newest)
        return isQuiet ? .replaced : .line
    }

    /// A request is to be sent now, over ``line``, which may be another connection than before.
    ///
    /// A server that has lost its power, or whose network forgets connections, leaves one behind that looks alive. The newest
    /// that waits is the one that it has not left behind.
    ///
    /// - Returns: the connection that has left the last request unanswered, and has to be closed; nil: the line is the same.
    package mutating func asking() -> Connection? {
        guard let older = line else { return nil }
        guard isUnanswered, let newest = waiting.popLast() else {
            isUnanswered = true
            return nil
        }
        take(newest)
        isUnanswered = true
        return older
    }

    /// The answer to the last request has come.
    package mutating func answered() { isUnanswered = false }

    private mutating func take(_ connection: Connection) {
        line = connection
        isUnanswered = false
    }
}
