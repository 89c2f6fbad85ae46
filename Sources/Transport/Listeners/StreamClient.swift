internal import Broker
internal import NIOCore

/// A serial client behind a stream of bytes: its session, and how much of what it sends is no Modbus.
///
/// Made and used on the event loop only.
final class StreamClient {
    let session: SerialClientSession

    /// - Parameter settings: with the timing of a line; that of a stream is used instead.
    init(
        _ client: Client, path: any QueryPath, settings: ClientSettings, loop: any EventLoop,
        observe: @escaping (BrokerEvent) -> Void, send: @escaping ([UInt8]) -> Void
    ) {
        var settings = settings
        settings.serialTiming = .rtuOverTCP
        session = SerialClientSession(
            client: client, path: path, settings: settings, timeline: EventLoopTimeline(loop),
            observe: observe, send: send)
    }

    /// Bytes have come.
    ///
    /// - Returns: false if the connection is to be closed, because there is too much between two requests that is none.
    func received(_ bytes: ByteBuffer) -> Bool {
        session.received(Array(bytes.readableBytesView))
        return !session.noise.isTooMuch
    }

    /// A connection is there. Its replies have left at once as far as anybody can tell: a request that comes later
    /// gets an answer of its own.
    func opened() { session.streamOpened() }

    func closed() { session.portClosed() }
}
