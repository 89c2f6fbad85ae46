package import Broker
internal import Modbus
package import NIOCore

/// A line behind a serial server that speaks UDP: datagrams that carry its bytes, as the link of a ``Bus``.
///
/// The timing of the bus must be ``LineTiming/rtuOverTCP``.
package final class RTUOverUDPLink: DeviceLink {
    private var connection: UDPServerConnection?
    private var firstReply: FirstReply
    private var early = EarlyBytes()
    private let report: (ConnectionEvent) -> Void
    package weak var bus: Bus?

    /// - Parameters:
    ///   - report: called about the connection, after the bus.
    package init(
        host: String, port: Int, loop: any EventLoop,
        report: @escaping (ConnectionEvent) -> Void
    ) {
        firstReply = FirstReply()
        self.report = report
        connection = UDPServerConnection(
            host: host, port: port, loop: loop,
            received: { [weak self] in self?.received($0) },
            report: { [weak self] event in
                if case .opened = event {
                    self?.firstReply = FirstReply()
                    self?.early.begin()
                }
                self?.bus?.note(event)
                report(event)
            })
    }

    package func open() { connection?.open() }

    package func stop() -> EventLoopFuture<Void>? { connection?.stop() }

    package func transmit(_ bytes: [UInt8]) {
        firstReply.asked(bytes)
        connection?.write(bytes)
    }

    package func reopen() { connection?.reopen() }

    private func received(_ datagram: ByteBuffer) {
        let bytes = Array(datagram.readableBytesView)
        if firstReply.isCompleted(by: bytes) { early.end() }
        if early.take(datagram) { report(.said(early.bytes)) }
        bus?.received(bytes)
    }
}
