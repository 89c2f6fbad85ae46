package import Broker
package import NIOCore

/// The dongle over a carrier, which may vanish and come back (R12): a client like any other, with a session of its own.
///
/// Behind a server it may be something else than a dongle: what it says first is told, and a connection that sends nothing
/// but noise is closed. Made and used on the event loop only.
package final class DongleLink {
    package let client: Client
    package private(set) var session: SerialClientSession?
    private var carrier: (any Carrier)?
    private var early = EarlyBytes()
    private let report: (CarrierEvent) -> Void

    /// - Parameters:
    ///   - client: named `SHINE` in the wire log.
    ///   - settings: behind a server with the timing ``LineTiming/rtuOverTCP``.
    ///   - report: told about the port, after the session.
    ///   - makeCarrier: makes what is this link's alone, and can ask whether the port is lent.
    package init(
        of client: Client, _ settings: ClientSettings, path: any QueryPath, loop: any EventLoop,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (CarrierEvent) -> Void,
        over makeCarrier: (_ isLent: @escaping () -> Bool) -> any Carrier
    ) {
        self.client = client
        self.report = report
        session = SerialClientSession(
            client: client, path: path, settings: settings, timeline: EventLoopTimeline(loop),
            observe: observe
        ) { [weak self] in self?.carrier?.write($0) }
        let carrier = makeCarrier { [weak self] in self?.session?.isLent ?? false }
        self.carrier = carrier
        carrier.received = { [weak self] in self?.received($0) }
        carrier.report = { [weak self] in self?.note($0) }
    }

    /// Opens the port, and goes on trying until it is open.
    package func open() { carrier?.open() }

    /// Closes it for good.
    ///
    /// - Returns: completed when nothing of it is under way; nil: nothing was.
    package func stop() -> EventLoopFuture<Void>? {
        session?.portClosed()
        return carrier?.stop()
    }

    /// What listens for the dongle; nil: it is dialled, or opened.
    package var listening: (any DialledPort)? { carrier?.listening }
}

extension DongleLink {
    private func note(_ event: CarrierEvent) {
        switch event {
        case .opened(_, let isPseudoTerminal):
            early.begin()
            // Replies to a stream have left at once as far as can be told: a later request gets an answer of its own.
            if carrier?.isServer == true {
                session?.streamOpened()
            } else {
                session?.portOpened(isPseudoTerminal: isPseudoTerminal)
            }
        case .lost: session?.portClosed()
        case .replaced, .notOpened, .said: break
        }
        report(event)
    }

    private func received(_ bytes: ByteBuffer) {
        guard let carrier, let session else { return }
        if carrier.isServer { early.take(bytes) }
        session.received(Array(bytes.readableBytesView))
        if session.hasAsked {
            early.end()
            carrier.noteUse()
        }
        if let said = early.takeNews() { report(.said(said)) }
        if carrier.isServer, session.noise.isTooMuch { carrier.close(StreamNoise.reason) }
    }
}
