package import Modbus
package import NIOCore

extension TCPFrame {
    /// Takes one frame from the front of the buffer; nil, and nothing taken, while the frame is not whole.
    ///
    /// - Throws: ``MBAPError`` if the header is no Modbus; the stream has no frame boundary from there on.
    package init?(_ buffer: inout ByteBuffer) throws(MBAPError) {
        let start = buffer.readerIndex
        guard let transaction = buffer.getInteger(at: start, as: UInt16.self),
            let protocolIdentifier = buffer.getInteger(at: start + 2, as: UInt16.self),
            let length = buffer.getInteger(at: start + 4, as: UInt16.self)
        else { return nil }
        let rest = try TCPFrame.rest(protocolIdentifier: protocolIdentifier, length: length)
        guard buffer.readableBytes >= 6 + rest,
            let unit = buffer.getInteger(at: start + 6, as: UInt8.self),
            let bytes = buffer.getBytes(at: start + TCPFrame.headerLength, length: rest - 1)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: 6 + rest)
        self.init(transaction: transaction, unit: UnitIdentifier(rawValue: unit), pdu: PDU(counted: bytes))
    }

    /// The frame in a datagram; nil: the datagram is not exactly one frame.
    init?(datagram: ByteBuffer) {
        var rest = datagram
        guard let frame = try? TCPFrame(&rest), rest.readableBytes == 0 else { return nil }
        self = frame
    }
}
