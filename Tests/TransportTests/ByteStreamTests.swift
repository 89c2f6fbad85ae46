import Broker
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

private final class Reads: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) { count += 1 }
}

@Suite struct ByteStreamTests {
    @Test func `a peer that does not fetch what is sent to it is closed, and that is told once`() throws {
        let channel = EmbeddedChannel()
        let stream = ByteStreamHandler(peer: .server)
        var reasons: [String] = []
        stream.closed = { reasons.append($0) }
        try channel.pipeline.syncOperations.addHandler(stream)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        stream.write([1, 2])
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(bytes: [1, 2]))
        channel.isWritable = false
        stream.write([3])
        stream.write([4])
        #expect(!channel.isActive)
        #expect(reasons == ["it takes no more bytes"])
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test func `a flood is read at the pace of a line, and a few requests at once`() throws {
        let channel = EmbeddedChannel()
        let reads = Reads()
        try channel.pipeline.syncOperations.addHandlers(reads, ReadPacing(EventLoopTimeline(channel.eventLoop)))
        channel.pipeline.read()
        #expect(reads.count == 1)
        // A line of 46,080 bytes a second has this much more than the burst after one second.
        try channel.writeInbound(ByteBuffer(repeating: 0, count: ReadPacing.burst + ReadPacing.bytesPerSecond))
        channel.pipeline.read()
        #expect(reads.count == 1)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(999))
        #expect(reads.count == 1)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(2))
        #expect(reads.count == 2)
        try channel.writeInbound(ByteBuffer(repeating: 0, count: 8))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        channel.pipeline.read()
        #expect(reads.count == 3)
        _ = try channel.finish()
    }
}
