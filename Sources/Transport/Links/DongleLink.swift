package import Broker
internal import NIOCore

/// The port of a dongle: its session, over a carrier that may vanish and come back (R12).
///
/// Behind a server it may be something else than a dongle: what it says first is told, and a connection that sends nothing
/// but noise is closed. Made and used on the event loop only.
package final class DongleLink: DonglePort {
    /// nil: it has not been opened.
    private var session: SerialClientSession?
    private var carrier: (any Carrier)?
    private var early = EarlyBytes()
    private let report: (CarrierEvent) -> Void

    /// - Parameters:
    ///   - report: told about the port, after the session.
    ///   - makeCarrier: makes what is this link's alone, and can ask whether the port is lent.
    package init(
        report: @escaping (CarrierEvent) -> Void,
        over makeCarrier: (_ isLent: @escaping () -> Bool) -> any Carrier
    ) {
        self.report = report
        let carrier = makeCarrier { [weak self] in self?.session?.isLent ?? false }
        self.carrier = carrier
        carrier.received = { [weak self] in self?.received($0) }
        carrier.report = { [weak self] in self?.note($0) }
    }

    /// - Parameter session: behind a server with the timing ``LineTiming/rtuOverTCP``.
    package func open(for session: SerialClientSession) {
        self.session = session
        carrier?.open()
    }

    package func send(_ bytes: [UInt8]) { carrier?.write(bytes) }

    package func close(_ done: @escaping () -> Void) {
        session?.portClosed()
        guard let closed = carrier?.stop() else { return done() }
        closed.assumeIsolated().whenComplete { _ in done() }
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
