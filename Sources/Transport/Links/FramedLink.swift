package import Broker
internal import Modbus
package import NIOCore

/// The way of a ``Bus`` to its units: a carrier, and how frames stand in what it moves.
///
/// Made and used on the event loop only.
package final class FramedLink: BusLink {
    private let carrier: any Carrier
    /// nil: RTU.
    private var transactions: TransactionFraming?
    private let observe: (BrokerEvent) -> Void
    private let report: (CarrierEvent) -> Void
    /// What has come of a frame of Modbus TCP.
    private var held = ByteBuffer()
    /// What has come last in RTU; its storage serves what comes next, unless somebody keeps it.
    private var input: [UInt8] = []
    private var early = EarlyBytes()
    /// Whether the first bytes may show what the peer is; each datagram of Modbus shows it by itself.
    private let tellsEarlyBytes: Bool
    package weak var bus: Bus?

    /// - Parameters:
    ///   - carrier: is this link's alone.
    ///   - framing: with ``Framing/rtu`` behind a server, the timing of the bus must be ``LineTiming/rtuOverTCP``, for
    ///     bytes come in any pieces there. With ``Framing/mbap``, there is one request at a time, because many gateways mix
    ///     up several; the settings of the bus must have `hasTransactions`, and ``LineTiming/modbusTCP``.
    ///   - ignoresIdentifiers: of ``Framing/mbap``: the bus judges every frame, as from an RTU line.
    ///   - observe: told of replies that are discarded.
    ///   - report: told about the carrier, after the bus.
    package init(
        _ carrier: any Carrier, _ framing: Framing, ignoresIdentifiers: Bool = false,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (CarrierEvent) -> Void
    ) {
        self.carrier = carrier
        self.observe = observe
        self.report = report
        if framing == .mbap { transactions = TransactionFraming(ignoresIdentifiers: ignoresIdentifiers) }
        tellsEarlyBytes = carrier.isServer && (framing == .rtu || carrier.boundaries == .stream)
        carrier.received = { [weak self] in self?.received($0) }
        carrier.report = { [weak self] in self?.note($0) }
    }

    /// Opens the carrier, and goes on trying until it is open.
    package func open() { carrier.open() }

    /// Closes the carrier for good.
    ///
    /// - Returns: completed when the last opening is over.
    package func stop() -> EventLoopFuture<Void> { carrier.stop() }

    /// What listens for it; nil: it is dialled, or opened.
    package var listening: (any DialledPort)? { carrier.listening }

    package func transmit(_ bytes: [UInt8]) { carrier.write(transactions?.request(bytes).bytes ?? bytes) }

    package func reopen() { carrier.reopen() }

    package func noteUse() {
        carrier.noteUse()
        early.end()
    }
}

extension FramedLink {
    private func note(_ event: CarrierEvent) {
        switch event {
        case .opened:
            begin()
            bus?.lineOpened()
        // The bus need not know: what it asks next goes there.
        case .replaced: begin()
        case .lost(let reason):
            tellEarlyBytes()
            bus?.lineClosed(reason)
        case .notOpened: bus?.lineNotOpened()
        case .said: break
        }
        report(event)
    }

    /// Another connection than before is there.
    private func begin() {
        early.begin()
        held = ByteBuffer()
    }

    private func tellEarlyBytes() {
        if let bytes = early.takeNews() { report(.said(bytes)) }
    }

    private func received(_ bytes: ByteBuffer) {
        guard transactions != nil else { return receivedRTU(bytes) }
        switch carrier.boundaries {
        case .stream: receivedStream(bytes)
        case .datagram: receivedDatagram(bytes)
        }
    }

    private func receivedRTU(_ bytes: ByteBuffer) {
        if tellsEarlyBytes { early.take(bytes) }
        input.removeAll(keepingCapacity: true)
        input += bytes.readableBytesView
        bus?.received(input)
        tellEarlyBytes()
    }

    private func receivedStream(_ bytes: ByteBuffer) {
        if tellsEarlyBytes { early.take(bytes) }
        var bytes = bytes
        held.writeBuffer(&bytes)
        do throws(MBAPError) {
            while let frame = try TCPFrame(&held) { deliver(frame) }
        } catch {
            observe(.discarded(Array(held.readableBytesView), from: .line, reason: .noise))
            carrier.close("what it sends is no Modbus TCP")
        }
        // What is left is less than a frame.
        held.discardReadBytes()
        tellEarlyBytes()
    }

    private func receivedDatagram(_ datagram: ByteBuffer) {
        if let frame = TCPFrame(datagram: datagram) { return deliver(frame) }
        let bytes = Array(datagram.readableBytesView)
        observe(.discarded(bytes, from: .line, reason: .noise))
        report(.said(Array(bytes.prefix(ForeignSpeech.mostBytes))))
    }

    /// Gives a reply to the bus; of all else the observer is told.
    private func deliver(_ frame: TCPFrame) {
        switch transactions?.received(frame) {
        case .reply(let bytes), .unnumbered(let bytes): bus?.received(bytes)
        case .late(let bytes): observe(.discarded(bytes, from: .line, reason: .late))
        case .foreign(let bytes): observe(.discarded(bytes, from: .line, reason: .foreign))
        case nil: break
        }
    }
}
