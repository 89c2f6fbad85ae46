package import Broker
package import NIOCore

/// The dongle on the port of a serial server, which is dialled, and again after every loss.
///
/// What it is sent waits in the connection, up to a bound: one that takes no more is closed, and dialled again. Made and
/// used on the event loop only.
package final class DialledClientPort: ClientPort {
    private let carrier: TCPCarrier
    private var stream: StreamClient?
    package let client: Client
    package var session: SerialClientSession? { stream?.session }

    /// - Parameters:
    ///   - client: named `SHINE` in the wire log.
    ///   - clientSettings: the timing of a line is not used.
    ///   - report: told about the connection, after the session.
    package init(
        host: String, port: Int, client: Client, clientSettings: ClientSettings, path: any QueryPath,
        loop: any EventLoop, observe: @escaping (BrokerEvent) -> Void, report: @escaping (CarrierEvent) -> Void
    ) {
        self.client = client
        // It is the server that would set the pace, if it closed behind each request.
        let carrier = TCPCarrier(host: host, port: port, pauseAfterUse: Reopening.firstPause, loop: loop)
        self.carrier = carrier
        stream = StreamClient(
            client, path: path, settings: clientSettings, loop: loop, observe: observe,
            said: { report(.said($0)) }
        ) { [weak carrier] in carrier?.write($0) }
        carrier.received = { [weak self] in self?.received($0) }
        carrier.report = { [weak self] event in
            switch event {
            case .opened: self?.stream?.opened()
            case .lost: self?.stream?.closed()
            case .replaced, .notOpened, .said: break
            }
            report(event)
        }
    }

    package func open() { carrier.open() }

    package func stop() -> EventLoopFuture<Void>? {
        stream?.closed()
        return carrier.stop()
    }

    private func received(_ bytes: ByteBuffer) {
        guard let stream else { return }
        let isModbus = stream.received(bytes)
        if stream.hasAsked { carrier.noteUse() }
        if !isModbus { carrier.close(StreamClient.noiseReason) }
    }
}
