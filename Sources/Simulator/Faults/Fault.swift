internal import Modbus

/// A fault with its settings; ``drawn(_:)`` makes of it the fault of one request.
struct Fault: Hashable, Sendable {
    let kind: any FaultKind
    /// What becomes of the request: as the kind says, or for what is left of an earlier fault that lasts.
    private(set) var request: RequestEffect

    init(_ kind: any FaultKind) {
        self.kind = kind
        request = kind.request
    }

    /// With all that the settings leave open.
    func drawn(_ random: inout RandomSource) -> Fault {
        var kind = kind
        kind.draw(&random)
        return Fault(kind)
    }

    /// The same, for so long from now.
    func lasting(_ duration: Duration) -> Fault {
        var fault = self
        fault.request = request.lasting(duration)
        return fault
    }

    static func == (left: Fault, right: Fault) -> Bool {
        left.request == right.request && AnyHashable(left.kind) == AnyHashable(right.kind)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(kind)) }
}

/// What a fault does to a request.
enum RequestEffect: Hashable, Sendable {
    /// The unit hears it, and answers.
    case passes
    /// The unit answers with this exception, and does not execute it.
    case refused(ExceptionCode)
    /// The unit hears nothing, for so long from now.
    case unheard(Duration)
    /// The line is gone, for so long from now.
    case unplugged(Duration)

    fileprivate func lasting(_ duration: Duration) -> RequestEffect {
        switch self {
        case .passes, .refused: self
        case .unheard: .unheard(duration)
        case .unplugged: .unplugged(duration)
        }
    }
}

/// What a client without a line gets of a reply.
enum ReplyEffect: Hashable, Sendable {
    /// The reply.
    case passes
    /// The reply, later by this.
    case delayed(Duration)
    /// No reply: that is what a gateway makes of one that does not come, comes late, or is damaged.
    case lost
}
