/// Whether the adapter hears what it transmits (R16).
///
/// Unless it is known, the first read tells: a request of a read never equals its reply.
struct EchoKnowledge {
    enum Knowledge: Hashable {
        case unknown, present, absent
    }

    private var isForced: Bool
    private let isPossible: Bool
    private(set) var knowledge: Knowledge
    /// The own transmission, while its echo may come; the first copy of it is no reply. Empty: none is awaited.
    private(set) var awaited: [UInt8] = []
    /// Whether anything has come since the transmission.
    private var hasHeard = false
    /// Whether what may be its echo has come.
    private var hasComeBack = false
    /// Whether an echo of the transmission cannot be its reply: that of a write may be.
    private var isTelling = false

    /// - Parameter isPossible: false for a link that is no line.
    init(isForced: Bool, isPossible: Bool = true) {
        self.isForced = isForced
        self.isPossible = isPossible
        knowledge = Self.knowledge(isForced: isForced, isPossible: isPossible)
    }

    /// The line was opened, perhaps with another adapter.
    mutating func reset() {
        self = EchoKnowledge(isForced: isForced, isPossible: isPossible)
    }

    /// It is said otherwise now. What was transmitted before may still come back, or has, which tells more.
    mutating func apply(isForced: Bool) {
        guard isForced != self.isForced else { return }
        self.isForced = isForced
        knowledge = Self.knowledge(isForced: isForced || (hasComeBack && isTelling), isPossible: isPossible)
    }

    private static func knowledge(isForced: Bool, isPossible: Bool) -> Knowledge {
        isForced ? .present : isPossible ? .unknown : .absent
    }

    mutating func transmitted(_ frame: [UInt8], isRead: Bool) {
        awaited = knowledge == .absent ? [] : frame
        hasHeard = false
        hasComeBack = false
        isTelling = isRead
    }

    mutating func noteBytes() {
        hasHeard = true
    }

    /// What may be the own transmission has come.
    ///
    /// - Returns: whether it is, and that is news.
    mutating func noteEcho() -> Bool {
        awaited = []
        hasComeBack = true
        guard isTelling, knowledge != .present else { return false }
        knowledge = .present
        return true
    }

    /// The exchange is over. A reply without echo, or nothing at all, tells that there is none; noise tells nothing.
    mutating func ended(hasReply: Bool) {
        switch knowledge {
        case .unknown where hasComeBack: if hasReply { knowledge = .present }
        case .unknown: if hasReply || !hasHeard { knowledge = .absent }
        // It may have been damaged, so the next write finds out.
        case .present: if hasReply, isTelling, !hasComeBack, !isForced { knowledge = .unknown }
        case .absent: break
        }
        awaited = []
    }

    /// The line was lost in the midst of an exchange, which tells nothing.
    mutating func abandon() { awaited = [] }
}
