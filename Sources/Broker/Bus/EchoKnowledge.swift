/// Whether the adapter hears what it transmits (R16).
///
/// Unless it is known, the first read tells: a request of a read never equals its reply.
struct EchoKnowledge {
    enum Knowledge: Hashable {
        case unknown, present, absent
    }

    private let isForced: Bool
    private let isPossible: Bool
    private(set) var knowledge: Knowledge
    /// The own transmission, while its echo may come; the first copy of it is no reply. Empty: none is awaited.
    private(set) var awaited: [UInt8] = []
    /// Whether anything has come since the transmission.
    private var hasHeard = false

    /// - Parameter isPossible: false for a link that is no line.
    init(isForced: Bool, isPossible: Bool = true) {
        self.isForced = isForced
        self.isPossible = isPossible
        knowledge = isForced ? .present : isPossible ? .unknown : .absent
    }

    /// The line was opened, perhaps with another adapter.
    mutating func reset() {
        self = EchoKnowledge(isForced: isForced, isPossible: isPossible)
    }

    mutating func transmitted(_ frame: [UInt8]) {
        awaited = knowledge == .absent ? [] : frame
        hasHeard = false
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
        return knowledge != .present
    }

    /// The exchange is over. A reply without echo, or nothing at all, tells that there is none; noise tells nothing.
    mutating func ended(hasReply: Bool) {
        if knowledge == .unknown, hasReply || !hasHeard { knowledge = .absent }
        awaited = []
    }
}
