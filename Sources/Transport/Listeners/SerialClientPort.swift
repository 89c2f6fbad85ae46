package import Broker
package import NIOCore
package import SerialLine

/// The dongle on its own serial port: a client like any other, with a session of its own.
package final class SerialClientPort: ClientPort {
    private let carrier: SerialCarrier
    package private(set) var session: SerialClientSession?
    package let client: Client

    /// - Parameters:
    ///   - client: named `SHINE` in the wire log.
    ///   - report: told about the port.
    package init(
        path: String, settings: SerialPortSettings, client: Client, clientSettings: ClientSettings,
        queries: any QueryPath, loop: any EventLoop, registry: PortRegistry,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (CarrierEvent) -> Void
    ) {
        self.client = client
        let carrier = SerialCarrier(path: path, settings: settings, loop: loop, registry: registry)
        self.carrier = carrier
        session = SerialClientSession(
            client: client, path: queries, settings: clientSettings, timeline: EventLoopTimeline(loop),
            observe: observe
        ) { [weak carrier] in carrier?.write($0) }
        carrier.received = { [weak self] in self?.session?.received(Array($0.readableBytesView)) }
        carrier.report = { [weak self] event in
            switch event {
            case .opened(_, let isPseudoTerminal): self?.session?.portOpened(isPseudoTerminal: isPseudoTerminal)
            case .lost: self?.session?.portClosed()
            case .notOpened, .said: break
            }
            report(event)
        }
    }

    package func open() { carrier.open() }

    /// See ``SerialCarrier/stop()``.
    package func stop() -> EventLoopFuture<Void>? { carrier.stop() }
}
