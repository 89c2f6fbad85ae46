/// A kind of fault: its word, what a rule may say about it, and what it does to a request and its reply.
///
/// A kind is one file, and a line in ``FaultKinds/all``. A value is a kind with its settings, and the fault of one request
/// once ``draw(_:)`` was called on a copy of it.
protocol FaultKind: Hashable, Sendable {
    /// What rules call it.
    static var word: String { get }
    /// The keys of a rule that say more about it.
    static var settings: [FaultSetting<Self>] { get }

    /// Of a rule that says nothing more.
    init()

    /// As a world has it.
    ///
    /// - Returns: nil: no broker could do right by it on such a line.
    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self?

    /// Draws what is different for each request.
    mutating func draw(_ random: inout RandomSource)

    /// What becomes of the request; only one that passes has a reply that can be disturbed.
    var request: RequestEffect { get }

    /// Does to a reply on a line what it does.
    func disturb(_ reply: inout LineReply)

    /// What a client without a line gets of the reply.
    var replyWithoutLine: ReplyEffect { get }
}

extension FaultKind {
    static var settings: [FaultSetting<Self>] { [] }
    var request: RequestEffect { .passes }
    var replyWithoutLine: ReplyEffect { .passes }

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? { Self() }
    mutating func draw(_ random: inout RandomSource) {}
    func disturb(_ reply: inout LineReply) {}
}
