import Broker
import Modbus
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct ModbusTCPHandlerTests {
    private let channel = EmbeddedChannel()
    private let bench: EntranceBench
    private var backend: PatientBackend { bench.backend }

    init() throws {
        bench = EntranceBench(channel.eventLoop)
        let visit = bench.entrance.begin(Client(kind: .tcp, name: "TCP:test", address: "test"))
        try channel.pipeline.syncOperations.addHandler(ModbusTCPHandler(bench.entrance, visit, writes: .toDescriptor))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func request(_ transaction: UInt16) -> ByteBuffer {
        let pdu = PDU(read: .readHoldingRegisters, address: transaction, quantity: 1)
        return ByteBuffer(bytes: TCPFrame(transaction: transaction, unit: 1, pdu: pdu).bytes)
    }

    private func replies() throws -> [TCPFrame] {
        var frames: [TCPFrame] = []
        while var buffer = try channel.readOutbound(as: ByteBuffer.self) {
            while let frame = try TCPFrame(&buffer) { frames.append(frame) }
        }
        return frames
    }

    @Test(arguments: 1...12)
    func `a request is found in every cut, and answered with its transaction`(size: Int) throws {
        var bytes = request(7)
        while bytes.readableBytes > 0 {
            let count = min(size, bytes.readableBytes)
            let piece = bytes.readSlice(length: count)
            try channel.writeInbound(try #require(piece))
        }
        try backend.answerOldest()
        let frames = try replies()
        #expect(frames.map(\.transaction) == [7])
        #expect(frames.first?.pdu.word(at: 2) == 7)
    }

    @Test func `the first bytes are shown once, before they are judged`() throws {
        let bytes = Sample.rtu(1)
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        #expect(bench.firsts == [bytes])
        #expect(bench.entrance.invalid == 1)
    }

    @Test func `of 40 requests at once 16 are worked on, and all are answered in the end`() throws {
        var bytes = ByteBuffer()
        for transaction in 0..<40 {
            var one = request(UInt16(transaction))
            bytes.writeBuffer(&one)
        }
        try channel.writeInbound(bytes)
        #expect(backend.waiting.count == TCPClientSession.maximumOutstanding)
        for _ in 0..<40 {
            #expect(backend.waiting.count <= TCPClientSession.maximumOutstanding)
            try backend.answerOldest()
        }
        #expect(try replies().map(\.transaction) == (0..<40).map { UInt16($0) })
    }

    @Test func `a connection that does not speak Modbus is closed and counted, without touching the line`() throws {
        try channel.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
        #expect(!channel.isActive)
        #expect(bench.entrance.invalid == 1)
        #expect(backend.waiting.isEmpty)
    }

    @Test func `when a connection closes, what it asked is withdrawn`() throws {
        try channel.writeInbound(request(1))
        try channel.writeInbound(request(2))
        try channel.close().wait()
        #expect(backend.withdrawn == backend.waiting.map(\.query.id))
        // An answer that comes after all goes nowhere, and harms nothing.
        try backend.answerOldest()
    }

    @Test func `while a connection ends, what still comes is not asked any more`() throws {
        // As TLS does, which tells the peer first.
        try channel.pipeline.syncOperations.addHandler(SlowEnd(), position: .first)
        try channel.writeInbound(request(1))
        channel.close(promise: nil)
        try channel.writeInbound(request(2))
        #expect(channel.isActive)
        #expect(backend.waiting.count == 1)
        #expect(backend.withdrawn == backend.waiting.map(\.query.id))
    }
}

private final class SlowEnd: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {}
}
