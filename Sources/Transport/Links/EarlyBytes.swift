internal import Modbus
internal import NIOCore

/// The first bytes of a connection before the first fitting frame: they may show what the peer is.
struct EarlyBytes {
    private(set) var bytes: [UInt8] = []
    private var isOver = false

    /// A connection is there.
    mutating func begin() { self = EarlyBytes() }

    /// A fitting frame has come: later bytes are not looked at.
    mutating func end() {
        isOver = true
        bytes = []
    }

    /// - Returns: whether there are more bytes to look at than before.
    mutating func take(_ buffer: ByteBuffer) -> Bool {
        guard !isOver, bytes.count < ForeignSpeech.mostBytes else { return false }
        bytes += buffer.readableBytesView.prefix(ForeignSpeech.mostBytes - bytes.count)
        return true
    }
}
