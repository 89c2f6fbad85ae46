internal import Broker
internal import NIOCore
internal import NIOSSL
internal import Transport

/// A connection of a TLS listener, and how long its client may stay.
///
/// On the event loop only.
final class TLSConnection {
    /// Those that its client's certificate is verified with.
    let authorities: Set<NIOSSLCertificate>
    let peer: SocketAddress?
    /// nil: the connection is in its handshake, or has to close.
    private(set) var visit: ClientVisit?
    private let channel: any Channel
    private var check: Scheduled<Void>?

    init(_ channel: any Channel, authorities: Set<NIOSSLCertificate>) {
        self.channel = channel
        self.authorities = authorities
        peer = channel.remoteAddress
    }

    /// The handshake is over.
    ///
    /// - Parameters:
    ///   - end: the first second, since 1970, in which its certificate is no longer valid.
    ///   - whenExpired: called once then, unless the connection was closed before.
    func admit(_ visit: ClientVisit, until end: Int, _ clock: TLSClock, whenExpired: @escaping () -> Void) {
        self.visit = visit
        check = channel.eventLoop.assumeIsolated().scheduleTask(in: clock.wait(until: end)) { [weak self] in
            guard let self else { return }
            if clock.now() >= end { whenExpired() } else { admit(visit, until: end, clock, whenExpired: whenExpired) }
        }
    }

    func closed() { check?.cancel() }

    /// Takes no further request at once; the end of TLS is sent, and waited for a little.
    func close() {
        visit = nil
        check?.cancel()
        channel.close(promise: nil)
    }
}

/// What the time is, and how long to wait before looking again.
struct TLSClock {
    /// Seconds since 1970.
    let now: () -> Int
    /// The clock may be set while it is waited.
    let longestWait: TimeAmount

    func wait(until end: Int) -> TimeAmount {
        // What is far away is too much for nanoseconds.
        let seconds = Int64(min(max(end - now(), 1), 86400))
        return min(.seconds(seconds), longestWait)
    }
}
