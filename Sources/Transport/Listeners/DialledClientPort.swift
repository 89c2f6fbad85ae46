package import Broker
package import NIOCore

/// The dongle on the port of a serial server, which is dialled, and again after every loss.
///
/// What it is sent waits in the connection, up to a bound: one that takes no more is closed, and dialled again. Made and
/// used on the event loop only.
package final class DialledClientPort: ClientPort {
    private var connection: TCPServerConnection?
    private var stream: StreamClient?
    package let client: Client
    package var session: SerialClientSession? { stream?.session }

    /// - Parameters:
    ///   - client: named `SHINE` in the wire log.
    ///   - clientSettings: the timing of a line is not used.
    ///   - report: told about the connection, after the session.
    package init(
        host: String, port: Int, client: Client, clientSettings: ClientSettings, path: any QueryPath,
        loop: any EventLoop, observe: @escaping (BrokerEvent) -> Void, report: @escaping (ConnectionEvent) -> Void
    ) {
        self.client = client
        stream = StreamClient(client, path: path, settings: clientSettings, loop: loop, observe: observe) {
            [weak self] in self?.connection?.write($0)
        }
        connection = TCPServerConnection(
            // It is the server that would set the pace, if it closed behind each request.
            host: host, port: port, pauseAfterUse: BackOff.first, loop: loop,
            received: { [weak self] in self?.received($0) },
            report: { [weak self] event in
                switch event {
                case .opened: self?.stream?.opened()
                case .lost: self?.stream?.closed()
                case .notOpened, .said: break
                }
                report(event)
            })
    }

    package func open() { connection?.open() }

    package func stop() -> EventLoopFuture<Void>? {
        stream?.closed()
        return connection?.stop()
    }

    private func received(_ bytes: ByteBuffer) {
        guard let stream else { return }
        let isModbus = stream.received(bytes)
        if stream.hasAsked { connection?.noteUse() }
        if !isModbus { connection?.close(StreamClient.noiseReason) }
    }
}
