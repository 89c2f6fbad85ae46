package import Broker
package import NIOCore

/// A port with one serial client at it, which may vanish and come back (R12). Made and used on the event loop only.
package protocol ClientPort: AnyObject {
    var client: Client { get }
    var session: SerialClientSession? { get }

    /// Opens the port, and goes on trying until it is open.
    func open()

    /// Closes it for good.
    ///
    /// - Returns: completed when nothing of it is under way any more; nil: nothing was.
    func stop() -> EventLoopFuture<Void>?
}
