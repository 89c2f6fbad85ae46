internal import Broker
internal import NIOCore

/// The session of a client that speaks in datagrams.
protocol DatagramPeer: AnyObject {
    /// How many of its requests are being worked on.
    var outstanding: Int { get }

    func received(_ datagram: ByteBuffer, at instant: Instant)

    /// It is not heard any more, and waits for nothing.
    func close(_ reason: String)
}

/// The clients of a UDP port: whoever has sent a request, until a minute has passed without one.
///
/// Each is counted by the admission as a connection is, which bounds how many sessions there are; whose first datagram is
/// no request gets none. Made and used on the event loop only.
final class DatagramPeers {
    /// A client is forgotten after this time without a datagram, unless it waits for an answer.
    static let lifetime: Duration = .seconds(60)
    /// The clients are looked through no more often.
    private static let pause: Duration = .seconds(1)

    private struct Entry {
        let peer: any DatagramPeer
        var heard: Instant
        var replies = RecentReplies()
    }

    private let entrance: ClientEntrance
    private let timeline: any Timeline
    private let isRequest: (ByteBuffer) -> Bool
    private let answersWrite: ([UInt8]) -> Bool
    private let makePeer: (SocketAddress) -> any DatagramPeer
    private var entries: [SocketAddress: Entry] = [:]
    private var timer: (any WakeTimer)?

    /// - Parameters:
    ///   - isRequest: whether a datagram is enough to let its sender in.
    ///   - answersWrite: whether a reply could be a write itself if it came back.
    init(
        _ entrance: ClientEntrance, timeline: any Timeline, isRequest: @escaping (ByteBuffer) -> Bool,
        answersWrite: @escaping ([UInt8]) -> Bool, makePeer: @escaping (SocketAddress) -> any DatagramPeer
    ) {
        self.entrance = entrance
        self.timeline = timeline
        self.isRequest = isRequest
        self.answersWrite = answersWrite
        self.makePeer = makePeer
        timer = timeline.makeTimer { [weak self] in self?.forget() }
    }

    var count: Int { entries.count }

    var isAnswered: Bool { entries.values.allSatisfy { $0.peer.outstanding == 0 } }

    func received(_ datagram: ByteBuffer, from address: SocketAddress) {
        let now = timeline.now
        // First, so that who may not come in costs nothing more; and of each, for it never connects again.
        guard entrance.permits(address) else {
            if let entry = entries.removeValue(forKey: address) {
                end(entry, address, "its address may not come in any more")
            }
            return
        }
        if entries[address] == nil {
            entrance.whenFirst(Array(datagram.readableBytesView), Optional(address).host)
            guard isRequest(datagram) else { return entrance.noteInvalid() }
            guard entrance.enter(address) else { return }
            if entries.isEmpty { timer?.set(now + Self.lifetime) }
            entries[address] = Entry(peer: makePeer(address), heard: now)
        }
        if entries[address]?.replies.contains(datagram, at: now) == true { return entrance.noteReflected(address) }
        entries[address]?.heard = now
        let peer = entries[address]?.peer
        peer?.received(datagram, at: now)
    }

    /// A reply leaves for a client. Most replies to writes are the request once more: sent back by whoever got it, such
    /// as another broker in whose name the request was forged, each would be executed, and answered, for ever.
    func sent(_ reply: [UInt8], to address: SocketAddress) {
        guard answersWrite(reply) else { return }
        entries[address]?.replies.note(reply, until: timeline.now + entrance.settings.clientTimeout)
    }

    func closeAll() {
        let all = entries
        entries = [:]
        timer?.set(nil)
        // In no order, and none matters: each is closed by itself.
        for (address, entry) in all { end(entry, address, "the listener is closed") }
    }

    private func forget() {
        let now = timeline.now
        for (address, entry) in entries where entry.heard + Self.lifetime <= now && entry.peer.outstanding == 0 {
            entries[address] = nil
            end(entry, address, "silent for a minute")
        }
        let next = entries.values.map { $0.heard + Self.lifetime }.min()
        timer?.set(next.map { max($0, now + Self.pause) })
    }

    private func end(_ entry: Entry, _ address: SocketAddress, _ reason: String) {
        entry.peer.close(reason)
        entrance.leave(address)
    }
}
