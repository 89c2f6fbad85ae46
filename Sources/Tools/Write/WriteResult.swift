internal import Modbus

/// What became of one write.
struct WriteResult {
    enum Outcome {
        case notSent
        /// By the unit, or on the way to it: it was not executed.
        case refused(ExceptionCode)
        /// It was acknowledged, or nobody knows whether it was executed.
        case sent(Answer)
    }

    let item: WriteItem
    let outcome: Outcome
    /// nil: nothing was read back.
    var readBack: Result<[UInt16], WriteFailure>?

    private var isAcknowledged: Bool {
        if case .sent(.reply) = outcome { true } else { false }
    }

    private var isReadBackEqual: Bool? {
        guard case .success(let registers) = readBack else { return nil }
        return registers == item.registers
    }

    /// Whether the unit holds what was written; of a broadcast, that it was sent.
    var isRight: Bool { readBack == nil ? isAcknowledged : isReadBackEqual == true }

    /// False: the unit surely holds what it held before.
    var mayHaveChanged: Bool {
        if case .sent = outcome { true } else { false }
    }

    var text: String {
        switch outcome {
        case .notSent: return "not sent: not connected"
        case .refused(let code): return "refused: \(code) (\(code.rawValue))\(code.refusalHint)"
        case .sent(let answer):
            guard readBack != nil else {
                return isAcknowledged ? "sent to all units" : "outcome unknown: \(answer.failure ?? "no answer")"
            }
            return text(answer, isEqual: isReadBackEqual)
        }
    }

    private func text(_ answer: Answer, isEqual: Bool?) -> String {
        switch (isAcknowledged, isEqual) {
        case (true, true?): "written"
        case (true, false?): "acknowledged, but reads back otherwise; some registers always do"
        case (true, nil): "acknowledged, but could not be read back"
        case (false, true?): "outcome unknown (\(answer.failure ?? "no answer")), but the unit holds the value"
        case (false, false?):
            "outcome unknown (\(answer.failure ?? "no answer")), and the unit does not hold the value"
        case (false, nil): "outcome unknown (\(answer.failure ?? "no answer")), and could not be read back"
        }
    }
}

extension ExceptionCode {
    /// Where the refusal of a write may come from; empty: the words of the code say it.
    fileprivate var refusalHint: String {
        switch self {
        case .illegalFunction:
            "; by a broker: writes are not allowed there (writes), or the unit: it has no such function"
        case .illegalDataAddress: "; the unit cannot write this register, or a broker forbids it (forbidden-writes)"
        case .illegalDataValue: "; by the unit: it does not take this value"
        case .serverDeviceBusy: "; by a broker: its queue or its rate of writes is full, or the unit is busy"
        default: ""
        }
    }

    /// Whether a write that was answered so may have been executed: the unit is still at it, or a gateway has lost it.
    var leavesOutcomeOpen: Bool { self == .acknowledge || self == .gatewayTargetFailedToRespond }
}
