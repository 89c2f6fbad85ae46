internal import Modbus
internal import NIOCore

/// The first bytes of a connection before the first fitting frame: they may show what the peer is.
struct EarlyBytes {
    private var bytes: [UInt8] = []
    private var isTold = true
    private var isOver = false

    /// A connection is there.
    mutating func begin() { self = EarlyBytes() }

    /// A fitting frame has come: later bytes are not looked at.
    mutating func end() {
        isOver = true
        isTold = true
        bytes = []
    }

    /// Bytes have come.
    mutating func take(_ buffer: ByteBuffer) {
        guard !isOver, bytes.count < ForeignSpeech.mostBytes else { return }
        bytes += buffer.readableBytesView.prefix(ForeignSpeech.mostBytes - bytes.count)
        isTold = false
    }

    /// - Returns: all of them so far, if there are more than were told.
    mutating func takeNews() -> [UInt8]? {
        guard !isTold else { return nil }
        isTold = true
        return bytes
    }
}
