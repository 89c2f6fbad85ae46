internal import Broker
internal import NIOCore

/// What was sent to one client of a UDP port a short time ago.
struct RecentReplies {
    /// The most that are remembered; of more, the oldest are forgotten. A client has no more than 16 requests under way.
    static let capacity = 64

    private var replies: [(bytes: [UInt8], until: Instant)] = []

    /// - Parameter until: when it is not one of them any more.
    mutating func note(_ reply: [UInt8], until: Instant) {
        if replies.count == Self.capacity { replies.removeFirst() }
        replies.append((reply, until))
    }

    func contains(_ datagram: ByteBuffer, at now: Instant) -> Bool {
        replies.contains { $0.until > now && datagram.readableBytesView.elementsEqual($0.bytes) }
    }
}
