internal import Broker
package import NIOCore

/// A connection that a serial server has dialled, with a dongle at it, and dials again after every loss (R12). Which of
/// several it is, is decided by ``DialledDongle``.
package final class ListeningDongleCarrier: Carrier {
    private var connections: DialledConnections?
    private let loop: any EventLoop
    private let timeline: EventLoopTimeline
    private let isLent: () -> Bool
    private var decision = DialledDongle()
    private var timer: (any WakeTimer)?
    package let boundaries = CarrierBoundaries.stream
    package let isServer = true
    package var received: (ByteBuffer) -> Void = { _ in }
    package var report: (CarrierEvent) -> Void = { _ in }

    /// - Parameters:
    ///   - port: 0–65535; 0: the system chooses one.
    ///   - isLent: whether a firmware update goes on.
    package init(
        host: String, port: Int, _ entrance: ServerEntrance, loop: any EventLoop, isLent: @escaping () -> Bool
    ) {
        self.loop = loop
        self.isLent = isLent
        timeline = EventLoopTimeline(loop)
        let connections = DialledConnections(
            host: host, port: port, of: .client, entrance, loop: loop,
            whenFailed: { [weak self] in self?.report(.notOpened(reason: $0)) })
        self.connections = connections
        timer = timeline.makeTimer { [weak self] in self?.decide { $0.advance(to: $1) } }
        connections.came = { [weak self] number in self?.decide { $0.came(number, at: $1) } }
        connections.received = { [weak self] bytes, number in
            guard let self else { return }
            let (bytes, isLent) = (Array(bytes.readableBytesView), isLent())
            decide { $0.received(bytes, from: number, isLent: isLent, at: $1) }
        }
        connections.lost = { [weak self] number, reason in
            self?.decide { decision, _ in decision.lost(number, reason) }
        }
    }

    /// Begins to listen, and goes on trying until it does.
    package func open() { connections?.open() }

    package func write(_ bytes: [UInt8]) {
        if let dongle = decision.dongle { connections?.write(bytes, to: dongle) }
    }

    /// It is the server that dials.
    package func noteUse() {}

    package func reopen() { close("nothing is heard") }

    package func close(_ reason: String) {
        if let dongle = decision.dongle { connections?.close(dongle, reason) }
    }

    package func stop() -> EventLoopFuture<Void> {
        timer?.set(nil)
        return connections?.stop() ?? loop.makeSucceededVoidFuture()
    }

    package var listening: (any DialledPort)? { connections }

    private func decide(_ input: (inout DialledDongle, Instant) -> [DialledDongle.Effect]) {
        let effects = input(&decision, timeline.now)
        timer?.set(decision.nextChange)
        for effect in effects {
            switch effect {
            case .close(let number, let reason): connections?.drop(number, reason)
            case .opened: report(.opened())
            case .lost(let reason): report(.lost(reason: reason))
            case .deliver(let bytes): received(ByteBuffer(bytes: bytes))
            }
        }
    }
}
