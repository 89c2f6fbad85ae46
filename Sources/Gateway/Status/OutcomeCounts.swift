internal import Broker
internal import Modbus

/// How often each end of a request came.
struct OutcomeCounts {
    private var answered = 0
    private var exceptions = 0
    /// Without a reply in time, or none that fits.
    private var timeouts = 0
    /// Not sent, since the unit or the range is known to say nothing (R11): 0x0B.
    private var asleep = 0
    /// Not sent, since the policy refuses it or it is malformed: 0x01 to 0x03.
    private var refused = 0
    /// Not sent, since the line has no room for it in time: 0x06.
    private var busy = 0
    /// Not sent, since there is no line, the broker stops, or the client is gone: 0x0A, or nothing.
    private var unavailable = 0

    mutating func note(_ result: Result<RTUFrame, BrokerError>) {
        switch result {
        case .success(let frame):
            if frame.pdu.exceptionCode == nil { answered += 1 } else { exceptions += 1 }
        case .failure(.noReply), .failure(.expiredOnLine): timeouts += 1
        case .failure(.silentUnit), .failure(.restingRange): asleep += 1
        case .failure(.refused), .failure(.malformed): refused += 1
        case .failure(.overloaded), .failure(.expired): busy += 1
        case .failure(.unavailable), .failure(.lent), .failure(.stopping), .failure(.withdrawn): unavailable += 1
        }
    }

    mutating func add(_ other: OutcomeCounts) {
        answered += other.answered
        exceptions += other.exceptions
        timeouts += other.timeouts
        asleep += other.asleep
        refused += other.refused
        busy += other.busy
        unavailable += other.unavailable
    }

    var snapshot: Snapshot.Outcomes {
        var outcomes = Snapshot.Outcomes()
        (outcomes.answered, outcomes.exceptions, outcomes.timeouts) = (answered, exceptions, timeouts)
        outcomes.notSent = asleep + refused + busy + unavailable
        (outcomes.asleep, outcomes.refused) = (asleep, refused)
        (outcomes.busy, outcomes.unavailable) = (busy, unavailable)
        return outcomes
    }
}
