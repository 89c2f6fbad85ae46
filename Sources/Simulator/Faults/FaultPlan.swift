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

    /// Draws the fault of the next reply; nil: none.
    func draw(_ random: inout RandomSource) -> Fault? {
        var rest = Double(random.next() >> 11) * 0x1p-53
        for (probability, kind) in kinds {
            if rest < probability { return Fault(kind).drawn(&random) }
            rest -= probability
        }
        return nil
    }

    private var kinds: [(Double, any FaultKind)] {
        let isLate = late > 0
        return [
            (loss, LossFault()), (late, LateFault(by: lateness)), (exception, ExceptionFault(codes: 1...11)),
            (duplicate, DuplicateFault()), (truncated, TruncatedFault()), (corrupted, CRCFault()),
            (wrongUnit, WrongUnitFault(difference: isLate ? 100 : 1)),
            (wrongFunction, WrongFunctionFault(difference: isLate ? 0x48 : 0x07)),
            (wrongLength, WrongCountFault(registers: isLate ? 7 : 1)),
            (noiseBefore, NoiseBeforeFault()), (noiseAfter, NoiseAfterFault()), (split, SplitFault(by: pause)),
        ]
    }
}
