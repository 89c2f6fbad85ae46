/// What a simulated line does to one reply.
package enum Fault: Hashable, Sendable {
    case none
    /// The reply does not come.
    case loss
    /// The reply comes this much after the response timeout.
    case late(Duration)
    /// The unit answers with this exception, and does not execute the request.
    case exception(UInt8)
    /// The reply comes twice, one directly behind the other.
    case duplicate
    /// Only the first bytes come.
    case truncated(count: Int)
    /// One bit is wrong.
    case corrupted(bit: Int)
    /// The reply names another unit, this much higher; its CRC is right.
    case wrongUnit(difference: UInt8)
    /// The reply names another function, which differs in these bits; its CRC is right.
    case wrongFunction(difference: UInt8)
    /// The reply has so many registers less than asked, or the echo of a write another value; its CRC is right.
    case wrongLength(registers: Int)
    /// Other bytes directly before the reply.
    case noiseBefore([UInt8])
    /// Other bytes directly behind the reply.
    case noiseAfter([UInt8])
    /// A pause within the reply.
    case split(at: Int, pause: Duration)
    /// The reply comes later by this.
    case delay(Duration)
    /// The unit hears nothing, for so long from now.
    case asleep(Duration)
    /// The line is gone, for so long from now.
    case unplugged(Duration)
}

/// How often each fault happens: probabilities, which add up to 1 at most.
///
/// Where replies can be late, a wrong unit, function or length is one that is not in use: a wrong reply that looks just like
/// another's late one cannot be told from it by anybody.
package struct FaultPlan: Sendable {
    package var loss = 0.0
    package var late = 0.0
    package var exception = 0.0
    package var duplicate = 0.0
    package var truncated = 0.0
    package var corrupted = 0.0
    package var wrongUnit = 0.0
    package var wrongFunction = 0.0
    package var wrongLength = 0.0
    package var noiseBefore = 0.0
    package var noiseAfter = 0.0
    package var split = 0.0
    /// How late a late reply is, after the response timeout.
    package var lateness: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(400)
    /// The pause within a split reply.
    package var pause: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(80)

    package init() {}

    /// Draws the fault of the next reply.
    package func draw(_ random: inout RandomSource) -> Fault {
        let kinds: [(Double, (inout RandomSource) -> Fault)] = [
            (loss, { _ in .loss }),
            (late, { .late($0.duration(lateness)) }),
            (exception, { .exception(UInt8.random(in: 1...11, using: &$0)) }),
            (duplicate, { _ in .duplicate }),
            (truncated, { .truncated(count: Int.random(in: 1...250, using: &$0)) }),
            (corrupted, { .corrupted(bit: Int.random(in: 0..<2048, using: &$0)) }),
            (wrongUnit, { _ in .wrongUnit(difference: late > 0 ? 100 : 1) }),
            (wrongFunction, { _ in .wrongFunction(difference: late > 0 ? 0x48 : 0x07) }),
            (wrongLength, { _ in .wrongLength(registers: late > 0 ? 7 : 1) }),
            (noiseBefore, { .noiseBefore($0.noise()) }),
            (noiseAfter, { .noiseAfter($0.noise()) }),
            (split, { .split(at: Int.random(in: 1...250, using: &$0), pause: $0.duration(pause)) }),
        ]
        var rest = Double(random.next() >> 11) * 0x1p-53
        for (probability, make) in kinds {
            if rest < probability { return make(&random) }
            rest -= probability
        }
        return .none
    }
}
