/// Takes the broker's own transmission from the front of what comes back (R16).
///
/// Some adapters hear themselves. Unless it is known, the first read tells: a request of a read never equals its reply.
struct EchoFilter {
    enum Knowledge: Hashable {
        case unknown, present, absent
    }

    private let isForced: Bool
    private(set) var knowledge: Knowledge
    private var awaited: ArraySlice<UInt8> = []
    private var held: [UInt8] = []
    /// Whether anything that could have been an echo has come since the transmission.
    private var hasHeard = false

    init(isForced: Bool) {
        self.isForced = isForced
        knowledge = isForced ? .present : .unknown
    }

    /// Whether bytes are held that may be the beginning of an echo.
    var isHolding: Bool { !held.isEmpty }

    /// The line was opened, perhaps with another adapter.
    mutating func reset() {
        knowledge = isForced ? .present : .unknown
        awaited = []
        held = []
    }

    /// The broker's own read has asked: an echo would have been heard.
    mutating func conclude() {
        if knowledge == .unknown { knowledge = .absent }
    }

    mutating func transmitted(_ frame: [UInt8]) {
        held = []
        hasHeard = false
        awaited = knowledge == .absent ? [] : frame[...]
    }

    /// - Returns: what is left for the reply, and whether the whole echo was taken off just now.
    mutating func received(_ bytes: [UInt8]) -> (rest: [UInt8], hasTakenEcho: Bool) {
        guard !awaited.isEmpty else { return (bytes, false) }
        hasHeard = true
        let common = zip(bytes, awaited).prefix { $0 == $1 }.count
        if common == awaited.count {
            awaited = []
            held = []
            knowledge = .present
            return (Array(bytes.dropFirst(common)), true)
        }
        held += bytes
        guard common == bytes.count else { return (release(), false) }
        awaited = awaited.dropFirst(common)
        return ([], false)
    }

    /// Gives back what was held: it was no echo.
    mutating func release() -> [UInt8] {
        awaited = []
        defer { held = [] }
        return held
    }

    /// The exchange is over. A reply without echo, or nothing at all, tells that there is none.
    mutating func ended(hasReply: Bool = false) {
        if knowledge == .unknown, hasReply || (!awaited.isEmpty && !hasHeard) { knowledge = .absent }
        awaited = []
        held = []
    }
}
