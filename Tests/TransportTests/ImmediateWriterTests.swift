import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct ImmediateWriterTests {
    private let channel = EmbeddedChannel()
    private let writer: ImmediateWriter

    init() throws {
        writer = ImmediateWriter(channel, descriptor: nil)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func written() throws -> [[UInt8]] {
        var all: [[UInt8]] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { all.append(Array(buffer.readableBytesView)) }
        return all
    }

    @Test func `what is queued leaves at once, and only when it is to`() throws {
        writer.queue([1])
        writer.queue([2, 3])
        #expect(try written() == [])
        writer.flush()
        writer.flush()
        #expect(try written() == [[1, 2, 3]])
    }

    @Test func `nothing overtakes what is queued`() throws {
        writer.queue([1])
        writer.write([2])
        writer.write([3])
        #expect(try written() == [[1, 2], [3]])
    }

    @Test func `what is queued from within a write leaves behind it, and nothing leaves twice`() throws {
        let answers = AnswersFromWithin(writer)
        try channel.pipeline.syncOperations.addHandler(answers)
        writer.queue([1])
        writer.flush()
        writer.queue([4])
        writer.flush()
        #expect(try written() == [[1], [2, 3], [4]])
    }
}

/// Queues and sends two bytes more when the first write comes by, as a connection does that has room again.
private final class AnswersFromWithin: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var writer: ImmediateWriter?

    init(_ writer: ImmediateWriter) { self.writer = writer }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        let writer = writer.take()
        writer?.queue([2])
        writer?.queue([3])
        writer?.flush()
    }
}
