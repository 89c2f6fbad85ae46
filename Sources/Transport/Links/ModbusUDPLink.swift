package import Broker
internal import Modbus
package import NIOCore

/// The units behind a Modbus server that takes the frames of Modbus TCP in datagrams, as the link of a ``Bus``.
///
/// The settings of the bus must have `hasTransactions`, and ``LineTiming/modbusTCP``. A datagram that comes twice, or
/// late, is known by its transaction identifier.
package final class ModbusUDPLink: DeviceLink {
    private var connection: UDPServerConnection?
    private var framing: TransactionFraming
    private let observe: (BrokerEvent) -> Void
    private let report: (ConnectionEvent) -> Void
    package weak var bus: Bus?

    /// - Parameters:
    ///   - observe: told of datagrams that are given to nobody.
    ///   - report: told about the way there, after the bus.
    package init(
        host: String, port: Int, settings: BusSettings, loop: any EventLoop,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (ConnectionEvent) -> Void
    ) {
        framing = TransactionFraming()
        self.observe = observe
        self.report = report
        connection = UDPServerConnection(
            host: host, port: port, loop: loop,
            received: { [weak self] in self?.received($0) },
            report: { [weak self] event in
                self?.bus?.note(event)
                report(event)
            })
    }

    package func open() { connection?.open() }

    package func stop() -> EventLoopFuture<Void>? { connection?.stop() }

    package func transmit(_ bytes: [UInt8]) { connection?.write(framing.request(bytes).bytes) }

    package func reopen() { connection?.reopen() }

    private func received(_ datagram: ByteBuffer) {
        guard let frame = TCPFrame(datagram: datagram) else {
            let bytes = Array(datagram.readableBytesView)
            observe(.discarded(bytes, from: .line, reason: .noise))
            return report(.said(Array(bytes.prefix(ForeignSpeech.mostBytes))))
        }
        framing.received(frame).deliver(to: bus, observe)
    }
}
