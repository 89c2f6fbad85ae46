internal import Glibc
internal import NIOCore

/// Writes to the descriptor of a channel at once; what the system does not take is left to the channel.
///
/// The way through a channel's pipeline costs a fifth of the processor time of an exchange (docs/performance.md).
/// Made and used on the event loop only.
final class ImmediateWriter {
    /// Storage of so many bytes is kept for what is queued next: the answers to all that one client may ask at once.
    private static let keptCapacity = 4160

    private let channel: any Channel
    /// nil: there is none, and everything goes through the channel.
    private let descriptor: Int32?
    /// How many writes the channel has not finished yet: nothing may overtake them.
    private var unfinished = 0
    /// Waits for ``flush()``.
    private var queued: [UInt8] = []

    init(_ channel: any Channel, descriptor: Int32?) {
        self.channel = channel
        self.descriptor = descriptor
    }

    /// Sends bytes behind those of earlier; on a channel that is closed they are dropped.
    func write(_ bytes: [UInt8]) {
        guard queued.isEmpty else {
            queue(bytes)
            return flush()
        }
        send(bytes)
    }

    /// Sends bytes with the next ``flush()``.
    func queue(_ bytes: [UInt8]) { queued += bytes }

    /// Sends what is queued, all at once.
    func flush() {
        guard !queued.isEmpty else { return }
        var bytes: [UInt8] = []
        // First, for sending may make room for more answers, which are queued and sent from within.
        swap(&bytes, &queued)
        send(bytes)
        guard queued.isEmpty, bytes.capacity <= Self.keptCapacity else { return }
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &queued)
    }

    private func send(_ bytes: [UInt8]) {
        guard channel.isActive else { return }
        var sent = 0
        if let descriptor, unfinished == 0 {
            // An error counts as nothing sent: the channel will meet it too, and close.
            sent = max(0, bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) })
        }
        guard sent < bytes.count else { return }
        unfinished += 1
        let writer = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes[sent...]))
            .whenComplete { _ in writer.value.unfinished -= 1 }
    }
}
