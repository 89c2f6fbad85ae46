package import Broker
package import NIOCore

/// The dongle on its own serial port: a client like any other, with a session of its own.
package final class SerialClientPort: ClientPort {
    private let carrier: any Carrier
    package private(set) var session: SerialClientSession?
    package let client: Client

    /// - Parameters:
    ///   - carrier: of the serial port; is this port's alone.
    ///   - client: named `SHINE` in the wire log.
    ///   - report: told about the port.
    package init(
        _ carrier: any Carrier, client: Client, clientSettings: ClientSettings, queries: any QueryPath,
        loop: any EventLoop, observe: @escaping (BrokerEvent) -> Void, report: @escaping (CarrierEvent) -> Void
    ) {
        self.client = client
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
            case .replaced, .notOpened, .said: break
            }
            report(event)
        }
    }

    package func open() { carrier.open() }

    /// See ``Carrier/stop()``.
    package func stop() -> EventLoopFuture<Void>? { carrier.stop() }
}
