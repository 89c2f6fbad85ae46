package import Broker
package import NIOCore

/// A line behind a serial server that speaks UDP: datagrams that carry its bytes, as the link of a ``Bus``.
///
/// The timing of the bus must be ``LineTiming/rtuOverTCP``.
package final class RTUOverUDPLink: DeviceLink {
    private var connection: UDPServerConnection?
    package weak var bus: Bus?

    /// - Parameter report: told about the way there, after the bus.
    package init(host: String, port: Int, loop: any EventLoop, report: @escaping (ConnectionEvent) -> Void) {
        connection = UDPServerConnection(
            host: host, port: port, loop: loop,
            received: { [weak self] in self?.bus?.received(Array($0.readableBytesView)) },
            report: { [weak self] event in
                self?.bus?.note(event)
                report(event)
            })
    }

    package func open() { connection?.open() }

    package func stop() -> EventLoopFuture<Void>? { connection?.stop() }

    package func transmit(_ bytes: [UInt8]) { connection?.write(bytes) }

    package func reopen() { connection?.reopen() }
}
