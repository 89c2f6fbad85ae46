internal import Modbus

/// What sessions know about clients.
///
/// Whoever makes one states its times: the defaults of the program stand in `Settings`.
package struct ClientSettings: Hashable, Sendable {
    /// After this a TCP client repeats or gives up (R8), counted from the arrival of its request; above 0.
    package var clientTimeout: Duration
    /// Nothing is forwarded to a serial client later than this after the newest copy of its request (R5); above 0.
    package var serialTimeout: Duration
    /// Whether a TCP client gets only the answer to its newest transaction identifier (R8); default false.
    package var answersNewestOnly = false
    /// Whether a serial client gets an exception if the unit does not answer (R10); default false: silence.
    package var answersSilence = false
    /// Characters and silences on a serial client's own port.
    package var serialTiming: LineTiming

    /// The rest is off.
    package init(clientTimeout: Duration, serialTimeout: Duration, serialTiming: LineTiming) {
        self.clientTimeout = clientTimeout
        self.serialTimeout = serialTimeout
        self.serialTiming = serialTiming
    }

    /// So much before ``clientTimeout`` everything is answered, that an answer and a repetition do not cross (R8).
    package static let margin: Duration = .milliseconds(300)

    /// From the arrival of a TCP client's request to its deadline; half of a timeout too short for the margin.
    package var timeToAnswer: Duration { max(clientTimeout - Self.margin, clientTimeout / 2) }
}

extension PDU {
    /// Why no unit need be asked; nil: it may be a request.
    var refusalAsRequest: BrokerError? {
        if function.rawValue == 0 || function.isException { return .refused(.illegalFunction) }
        do throws(PDUError) {
            _ = try Request(self)
            return nil
        } catch {
            return .malformed(error)
        }
    }
}
