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
    private let framing: Framing
    private let send: ([UInt8], SocketAddress) -> Void
    private let timeline: any Timeline
    private var entries: [SocketAddress: Entry] = [:]
    private var timer: (any WakeTimer)?

    init(_ entrance: ClientEntrance, _ framing: Framing, send: @escaping ([UInt8], SocketAddress) -> Void) {
        self.entrance = entrance
        self.framing = framing
        self.send = send
        timeline = EventLoopTimeline(entrance.loop)
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
            guard framing.isRequest(datagram) else { return entrance.noteInvalid() }
            guard entrance.enter(address) else { return }
            if entries.isEmpty { timer?.set(now + Self.lifetime) }
            let peer = framing.peer(at: address, entrance) { [weak self] in self?.reply($0, to: address) }
            entries[address] = Entry(peer: peer, heard: now)
        }
        if entries[address]?.replies.contains(datagram, at: now) == true { return entrance.noteReflected(address) }
        entries[address]?.heard = now
        let peer = entries[address]?.peer
        peer?.received(datagram, at: now)
    }

    /// A reply leaves for a client. Most replies to writes are the request once more: sent back by whoever got it, such
    /// as another broker in whose name the request was forged, each would be executed, and answered, for ever.
    private func reply(_ bytes: [UInt8], to address: SocketAddress) {
        if framing.answersWrite(bytes) {
            entries[address]?.replies.note(bytes, until: timeline.now + entrance.settings.clientTimeout)
        }
        send(bytes, address)
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
