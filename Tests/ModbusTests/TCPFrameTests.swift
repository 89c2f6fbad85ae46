import Modbus
import NIOCore
import Testing
import Transport

@Suite struct TCPFrameTests {
    private func frame(seed: Int, length: Int) throws -> TCPFrame {
        var generator = SplitMix64(seed: UInt64(seed))
        return TCPFrame(
            transaction: generator.word(), unit: UnitIdentifier(rawValue: generator.byte()),
            pdu: try PDU(generator.bytes(length)))
    }

    @Test func `every PDU of 1–253 bytes is read back as it was written`() throws {
        for length in 1...PDU.maximumLength {
            let frame = try frame(seed: length, length: length)
            var buffer = ByteBuffer(bytes: frame.bytes)
            #expect(buffer.readableBytes == length + 7, "seed \(length)")
            #expect(try TCPFrame(&buffer) == frame, "seed \(length)")
            #expect(buffer.readableBytes == 0, "seed \(length)")
        }
    }

    @Test func `a frame has its parts where the specification has them`() throws {
        var buffer = ByteBuffer(bytes: [UInt8](hex: "15010000000611 0300 6b0003"))
        let frame = try #require(try TCPFrame(&buffer))
        #expect(frame.transaction == 0x1501)
        #expect(frame.unit == 0x11)
        #expect(frame.pdu.bytes == [UInt8](hex: "03006b0003"))
        #expect(frame.bytes.hex == "15010000000611" + "03006b0003")
    }

    @Test func `several frames in one buffer are taken one by one in every chunk size`() throws {
        let frames = try [1, 253, 5, 2, 100].enumerated().map { try frame(seed: $0, length: $1) }
        let stream = frames.flatMap(\.bytes)
        for size in 1...stream.count {
            var (buffer, found) = (ByteBuffer(), [TCPFrame]())
            for chunk in stream.chunks(of: size) {
                buffer.writeBytes(chunk)
                while let frame = try TCPFrame(&buffer) { found.append(frame) }
            }
            #expect(found == frames, "chunks of \(size)")
            #expect(buffer.readableBytes == 0, "chunks of \(size)")
        }
    }

    @Test func `a frame that is not whole leaves the buffer as it is`() throws {
        let bytes = try frame(seed: 1, length: 20).bytes
        for count in 0..<bytes.count {
            var buffer = ByteBuffer(bytes: [0xEE] + bytes.prefix(count))
            buffer.moveReaderIndex(forwardBy: 1)
            #expect(try TCPFrame(&buffer) == nil, "\(count) bytes")
            #expect(buffer.readableBytes == count, "\(count) bytes")
        }
    }

    @Test(arguments: [1, 0x0100, 0xFFFF] as [UInt16])
    func `R10 another protocol is refused as soon as the header is there`(identifier: UInt16) {
        var header = ByteBuffer(integer: 7 as UInt16)
        header.writeInteger(identifier)
        header.writeInteger(6 as UInt16)
        #expect(throws: MBAPError.protocolIdentifier(identifier)) { try TCPFrame(&header) }
        #expect(header.readableBytes == 6)
    }

    @Test(arguments: [0, 1, 255, 256, 65535] as [UInt16])
    func `R10 a length outside 2–254 is refused as soon as the header is there`(length: UInt16) {
        var header = ByteBuffer(bytes: [0, 7, 0, 0, UInt8(length >> 8), UInt8(length & 0xFF)])
        #expect(throws: MBAPError.length(length)) { try TCPFrame(&header) }
        #expect(header.readableBytes == 6)
    }

    @Test(arguments: [2, 3, 253, 254] as [UInt16])
    func `a length of 2–254 is awaited and taken`(length: UInt16) throws {
        var buffer = ByteBuffer(bytes: [0, 7, 0, 0, 0, UInt8(length)])
        #expect(try TCPFrame(&buffer) == nil)
        buffer.writeBytes(Array(repeating: 0x11, count: Int(length) - 1))
        #expect(try TCPFrame(&buffer) == nil)
        buffer.writeBytes([0x11, 0x99])
        let frame = try #require(try TCPFrame(&buffer))
        #expect(frame.unit == 0x11)
        #expect(frame.pdu.bytes.count == Int(length) - 1)
        #expect(Array(buffer.readableBytesView) == [0x99])
    }
}
