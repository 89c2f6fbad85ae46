package import Broker
internal import Modbus
package import NIOCore

/// The units behind a Modbus TCP server, as the link of a ``Bus``: one request at a time, because many gateways mix up
/// several.
///
/// The settings of the bus must have `hasTransactions`, and ``LineTiming/modbusTCP``. With `ignoresTransactions`, the bus
/// judges every frame, as from an RTU line.
package final class ModbusTCPLink: DeviceLink {
    private var connection: TCPServerConnection?
    private var framing: TransactionFraming
    private let observe: (BrokerEvent) -> Void
    /// What has come of a frame.
    private var held = ByteBuffer()
    package weak var bus: Bus?

    /// - Parameters:
    ///   - observe: told of replies that are given to nobody.
    ///   - report: told about the connection, after the bus.
    package init(
        host: String, port: Int, settings: BusSettings, loop: any EventLoop,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (ConnectionEvent) -> Void
    ) {
        framing = TransactionFraming(ignoresIdentifiers: settings.ignoresTransactions)
        self.observe = observe
        connection = TCPServerConnection(
            host: host, port: port, loop: loop,
            received: { [weak self] in self?.received($0) },
            report: { [weak self] event in
                self?.held = ByteBuffer()
                self?.bus?.note(event)
                report(event)
            })
    }

    package func open() { connection?.open() }

    package func stop() -> EventLoopFuture<Void>? { connection?.stop() }

    package func transmit(_ bytes: [UInt8]) { connection?.write(framing.request(bytes).bytes) }

    package func reopen() { connection?.reopen() }

    private func received(_ bytes: ByteBuffer) {
        var bytes = bytes
        held.writeBuffer(&bytes)
        do throws(MBAPError) {
            while let frame = try TCPFrame(&held) {
                let finding = framing.received(frame)
                if case .reply = finding { connection?.noteUse() }
                finding.deliver(to: bus, observe)
            }
        } catch {
            observe(.discarded(Array(held.readableBytesView), from: .line, reason: .noise))
            connection?.close("what it sends is no Modbus TCP")
        }
        // What is left is less than a frame.
        held.discardReadBytes()
    }
}

extension TransactionFraming.Finding {
    /// Gives a reply to the bus; of all else the observer is told.
    func deliver(to bus: Bus?, _ observe: (BrokerEvent) -> Void) {
        switch self {
        case .reply(let bytes), .unnumbered(let bytes): bus?.received(bytes)
        case .late(let bytes): observe(.discarded(bytes, from: .line, reason: .late))
        case .foreign(let bytes): observe(.discarded(bytes, from: .line, reason: .foreign))
        }
    }
}
