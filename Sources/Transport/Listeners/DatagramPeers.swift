internal import Broker
internal import NIOCore

/// The session of a client that speaks in datagrams.
protocol DatagramPeer: AnyObject {
    /// How many of its requests are being worked on.
    var outstanding: Int { get }

    func received(_ datagram: ByteBuffer, at instant: Instant)

    /// It is not heard any more, and waits for nothing.
    func close()
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
    }

    private let entrance: ClientEntrance
    private let timeline: any Timeline
    private let isRequest: (ByteBuffer) -> Bool
    private let makePeer: (SocketAddress) -> any DatagramPeer
    private var entries: [SocketAddress: Entry] = [:]
    private var timer: (any WakeTimer)?

    /// - Parameter isRequest: whether a datagram is enough to let its sender in.
    init(
        _ entrance: ClientEntrance, timeline: any Timeline, isRequest: @escaping (ByteBuffer) -> Bool,
        makePeer: @escaping (SocketAddress) -> any DatagramPeer
    ) {
        self.entrance = entrance
        self.timeline = timeline
        self.isRequest = isRequest
        self.makePeer = makePeer
        timer = timeline.makeTimer { [weak self] in self?.forget() }
    }

    var count: Int { entries.count }

    var isAnswered: Bool { entries.values.allSatisfy { $0.peer.outstanding == 0 } }

    func received(_ datagram: ByteBuffer, from address: SocketAddress) {
        let now = timeline.now
        // First, so that who may not come in costs nothing more; and of each, for it never connects again.
        guard entrance.permits(address) else {
            if let entry = entries.removeValue(forKey: address) { end(entry, address) }
            return
        }
        if entries[address] == nil {
            guard isRequest(datagram) else { return entrance.noteInvalid() }
            guard entrance.enter(address) else { return }
            if entries.isEmpty { timer?.set(now + Self.lifetime) }
            entries[address] = Entry(peer: makePeer(address), heard: now)
        }
        entries[address]?.heard = now
        let peer = entries[address]?.peer
        peer?.received(datagram, at: now)
    }

    func closeAll() {
        let all = entries
        entries = [:]
        timer?.set(nil)
        // In no order, and none matters: each is closed by itself.
        for (address, entry) in all { end(entry, address) }
    }

    private func forget() {
        let now = timeline.now
        for (address, entry) in entries where entry.heard + Self.lifetime <= now && entry.peer.outstanding == 0 {
            entries[address] = nil
            end(entry, address)
        }
        let next = entries.values.map { $0.heard + Self.lifetime }.min()
        timer?.set(next.map { max($0, now + Self.pause) })
    }

    private func end(_ entry: Entry, _ address: SocketAddress) {
        entry.peer.close()
        entrance.leave(address)
    }
}
