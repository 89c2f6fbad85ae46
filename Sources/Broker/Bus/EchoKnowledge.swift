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
    /// Whether the last transmission has come back.
    private var hasComeBack = false

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
        knowledge = Self.knowledge(isForced: isForced || hasComeBack, isPossible: isPossible)
    }

    private static func knowledge(isForced: Bool, isPossible: Bool) -> Knowledge {
        isForced ? .present : isPossible ? .unknown : .absent
    }

    mutating func transmitted(_ frame: [UInt8]) {
        awaited = knowledge == .absent ? [] : frame
        hasHeard = false
        hasComeBack = false
    }

    mutating func noteBytes() {
        hasHeard = true
    }

    /// The own transmission has come back.
    ///
    /// - Returns: whether that is news.
    mutating func noteEcho() -> Bool {
        defer { knowledge = .present }
        awaited = []
        hasComeBack = true
        return knowledge != .present
    }

    /// The exchange is over. A reply without echo, or nothing at all, tells that there is none; noise tells nothing.
    mutating func ended(hasReply: Bool) {
        if knowledge == .unknown, hasReply || !hasHeard { knowledge = .absent }
        awaited = []
    }
}
