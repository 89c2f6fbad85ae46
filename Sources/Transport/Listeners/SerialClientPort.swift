package import Broker
package import NIOCore
package import SerialLine

/// The dongle on its own serial port: a client like any other, with a session of its own.
package final class SerialClientPort: ClientPort {
    private var device: SerialDevice?
    package private(set) var session: SerialClientSession?
    package let client: Client

    /// - Parameters:
    ///   - client: named `SHINE` in the wire log.
    ///   - report: told about the port.
    package init(
        path: String, settings: SerialPortSettings, client: Client, clientSettings: ClientSettings,
        queries: any QueryPath, loop: any EventLoop, registry: PortRegistry,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (SerialDevice.Event) -> Void
    ) {
        self.client = client
        session = SerialClientSession(
            client: client, path: queries, settings: clientSettings, timeline: EventLoopTimeline(loop),
            observe: observe
        ) { [weak self] in self?.device?.write($0) }
        device = SerialDevice(
            path: path, settings: settings, loop: loop, registry: registry,
            received: { [weak self] in self?.session?.received($0) },
            report: { [weak self] event in
                switch event {
                case .opened(let port): self?.session?.portOpened(isPseudoTerminal: port.isPseudoTerminal)
                case .lost: self?.session?.portClosed()
                case .notOpened: break
                }
                report(event)
            })
    }

    package func open() { device?.open() }

    /// See ``SerialDevice/stop()``.
    package func stop() -> EventLoopFuture<Void>? { device?.stop() }
}
