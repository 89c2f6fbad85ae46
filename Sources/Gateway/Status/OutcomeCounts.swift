internal import Broker
internal import Modbus
internal import Recording

/// How often each end of a request came.
struct OutcomeCounts {
    private var answered = 0
    private var exceptions = 0
    /// Without a reply in time, or none that fits.
    private var timeouts = 0
    /// Not sent: busy, refused by the policy, malformed, no line, stopping or withdrawn.
    private var notSent = 0

    mutating func note(_ result: Result<RTUFrame, BrokerError>) {
        switch result {
        case .success(let frame):
            if frame.pdu.exceptionCode == nil { answered += 1 } else { exceptions += 1 }
        case .failure(.noReply), .failure(.expiredOnLine): timeouts += 1
        case .failure: notSent += 1
        }
    }

    mutating func add(_ other: OutcomeCounts) {
        answered += other.answered
        exceptions += other.exceptions
        timeouts += other.timeouts
        notSent += other.notSent
    }

    /// As `status` tells them.
    var members: [JSONValue.Member] {
        [
            .init("answered", .count(answered)), .init("exceptions", .count(exceptions)),
            .init("timeouts", .count(timeouts)), .init("notSent", .count(notSent)),
        ]
    }
}
