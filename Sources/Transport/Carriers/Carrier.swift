package import NIOCore

/// What moves bytes to a peer that may vanish and come back, and from it: opened by name, and again after every loss (R12).
///
/// Made and used on the event loop only.
package protocol Carrier: AnyObject {
    var boundaries: CarrierBoundaries { get }
    /// Whether a server is at the other end. It may be another one than is expected, and its first bytes may show that.
    var isServer: Bool { get }
    /// Takes what comes.
    var received: (ByteBuffer) -> Void { get set }
    /// Told about openings and losses.
    var report: (CarrierEvent) -> Void { get set }
    /// What listens for a peer that dials in; nil: it is dialled, or opened.
    var listening: (any DialledPort)? { get }

    /// Opens it, and goes on trying until it is open.
    func open()

    /// Sends bytes, as one message where there are messages. What cannot leave is lost: a peer that takes no more is
    /// closed, and opened again.
    func write(_ bytes: [UInt8])

    /// Something useful has come over what is open.
    func noteUse()

    /// Closes it, if it is open, and opens it again.
    func reopen()

    /// Closes it, if it is open, because of what has come, and opens it again.
    func close(_ reason: String)

    /// Closes it for good.
    ///
    /// - Returns: completed when the last opening is over.
    func stop() -> EventLoopFuture<Void>
}

extension Carrier {
    package var listening: (any DialledPort)? { nil }
}

/// How bytes come out of a carrier.
package enum CarrierBoundaries: Hashable, Sendable {
    /// In pieces of any size.
    case stream
    /// In the messages in which they were sent, each of which comes as a whole or not at all.
    case datagram
}

/// What is told about something that is opened again after every loss (R12).
package enum CarrierEvent: Sendable {
    /// With what could not be had and is no error, one line each.
    case opened(notes: [String] = [], isPseudoTerminal: Bool = false)
    /// It was open, and is closed.
    case lost(reason: String)
    /// Another connection has taken the place of the one that was open, before anything was asked over it.
    case replaced(reason: String)
    /// It could not be opened, said once for each different reason; or, over UDP, the system says that there is no peer,
    /// said once a minute at most.
    case notOpened(reason: String)
    /// The first bytes of a server until a fitting frame comes; each event has all of them so far, at most
    /// ``ForeignSpeech/mostBytes``.
    case said([UInt8])
}
