package import Broker
internal import Modbus
package import NIOCore

/// A line behind a serial server: a TCP connection that carries its bytes, as the link of a ``Bus``.
///
/// Bytes come in any pieces: the timing of the bus must be ``LineTiming/rtuOverTCP``.
package final class RTUOverTCPLink: DeviceLink {
    private var connection: TCPServerConnection?
    private var firstReply: FirstReply
    package weak var bus: Bus?

    /// - Parameters:
    ///   - report: told about the connection, after the bus.
    package init(
        host: String, port: Int, loop: any EventLoop,
        report: @escaping (ConnectionEvent) -> Void
    ) {
        firstReply = FirstReply()
        connection = TCPServerConnection(
            host: host, port: port, loop: loop,
            received: { [weak self] in self?.received(Array($0.readableBytesView)) },
            report: { [weak self] event in
                self?.firstReply = FirstReply()
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

    private func received(_ bytes: [UInt8]) {
        if firstReply.isCompleted(by: bytes) { connection?.noteUse() }
        bus?.received(bytes)
    }
}

extension Bus {
    func note(_ event: ConnectionEvent) {
        switch event {
        case .opened: lineOpened()
        case .lost(let reason): lineClosed(reason)
        case .notOpened: lineNotOpened()
        case .said: break
        }
    }
}
