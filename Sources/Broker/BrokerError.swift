package import Modbus

/// Why there is no answer. A Modbus exception is an answer, not an error.
package enum BrokerError: Error, Hashable, Sendable {
    /// The unit gave no reply, or none that fits, after the retries.
    ///
    /// For a write that was sent this means: outcome unknown.
    case noReply
    /// The unit has been silent for some time and was not asked again (R11).
    case silentUnit
    /// The unit says nothing to this range of registers, which rests (R11); the line was not used.
    case restingRange
    /// The deadline passed while the query was on the line; a write may have been executed.
    case expiredOnLine
    /// The line is unplugged, or there is no way to the unit.
    case unavailable
    /// A queue was full; the query was not sent.
    case overloaded
    /// The deadline passed in the queue, or the turn came too late for an answer; the query was not sent.
    case expired
    /// Refused by policy, with the exception that says why.
    case refused(ExceptionCode)
    /// No valid request; the line was not used.
    case malformed(PDUError)
    /// The line is lent, as for a firmware update through the dongle; the query was not sent.
    case lent
    /// The broker is stopping; it was not sent.
    case stopping
    /// Its client withdrew it before it was sent.
    case withdrawn
}
