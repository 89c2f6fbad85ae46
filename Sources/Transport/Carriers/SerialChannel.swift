package import NIOCore
internal import NIOPosix
internal import SerialLine

/// The open descriptor of a serial port, or of either side of a pseudo-terminal, on the event loop: bytes in, bytes out,
/// and the end.
package final class SerialChannel {
    private let channel: any Channel
    private let descriptor: Int32
    private let handler: SerialChannelHandler
    private let writer: ImmediateWriter

    private init(channel: any Channel, _ handler: SerialChannelHandler, descriptor: Int32) {
        self.channel = channel
        self.handler = handler
        self.descriptor = descriptor
        writer = ImmediateWriter(channel, descriptor: descriptor)
    }

    /// Takes over an open descriptor, which is closed if that fails. Called on the loop, as are the closures.
    ///
    /// - Parameters:
    ///   - closed: called once, when the port is gone, with what the system says.
    package static func open(
        _ descriptor: Int32, of path: String, on loop: any EventLoop, received: @escaping ([UInt8]) -> Void,
        closed: @escaping (String) -> Void, _ done: @escaping (Result<SerialChannel, any Error>) -> Void
    ) {
        open(
            descriptor, of: path, on: loop, pacing: nil, received: { received(Array($0.readableBytesView)) },
            closed: closed, done)
    }

    /// - Parameter pacing: it is read no faster than this allows.
    static func open(
        _ descriptor: Int32, of path: String, on loop: any EventLoop, pacing: ReadPacing?,
        received: @escaping (ByteBuffer) -> Void, closed: @escaping (String) -> Void,
        _ done: @escaping (Result<SerialChannel, any Error>) -> Void
    ) {
        let output: Int32
        do throws(SerialLineError) {
            // Left to NIO, a process without a free descriptor would crash here, and one whose loop ends close twice.
            output = try SerialPort.duplicate(descriptor, of: path)
        } catch {
            SerialPort.close(descriptor)
            done(.failure(error))
            return
        }
        let handler = NIOLoopBound(SerialChannelHandler(received: received, closed: closed), eventLoop: loop)
        let pacing = NIOLoopBound(pacing, eventLoop: loop)
        NIOPipeBootstrap(group: loop)
            // A second read would only say that there is nothing more.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    handler.value.ownsDescriptors = true
                    if let pacing = pacing.value { try channel.pipeline.syncOperations.addHandler(pacing) }
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .takingOwnershipOfDescriptors(input: descriptor, output: output)
            .assumeIsolated()
            .whenComplete { result in
                if case .failure = result, !handler.value.ownsDescriptors {
                    SerialPort.close(descriptor)
                    SerialPort.close(output)
                }
                done(result.map { SerialChannel(channel: $0, handler.value, descriptor: descriptor) })
            }
    }

    /// - Returns: false if what was written before has not left yet: the port is stuck.
    package func write(_ bytes: [UInt8]) -> Bool {
        guard channel.isWritable else { return false }
        writer.write(bytes)
        return true
    }

    /// Closes the port. What it has not sent is thrown away, or a stuck adapter could hold up the close.
    ///
    /// - Parameter reason: what `closed` is told; nil: what the system says.
    package func close(because reason: String? = nil) {
        guard channel.isActive else { return }
        if let reason { handler.reason = reason }
        SerialPort.discardBuffers(of: descriptor)
        channel.close(promise: nil)
    }
}

/// Hands on the bytes of a port, and says once that it is gone.
private final class SerialChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: (ByteBuffer) -> Void
    private var closed: ((String) -> Void)?
    var reason = "hung up"
    /// From then on the channel closes them, also if it comes to nothing.
    var ownsDescriptors = false

    init(received: @escaping (ByteBuffer) -> Void, closed: @escaping (String) -> Void) {
        self.received = received
        self.closed = closed
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = "\(error)"
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed?(reason)
        closed = nil
    }
}
