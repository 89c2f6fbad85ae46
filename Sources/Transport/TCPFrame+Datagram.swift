internal import Modbus
internal import NIOCore

extension TCPFrame {
    /// The frame that a datagram is; nil: it is none, or holds more or less than one.
    init?(datagram: ByteBuffer) {
        var rest = datagram
        guard let frame = try? TCPFrame(&rest), rest.readableBytes == 0 else { return nil }
        self = frame
    }
}
