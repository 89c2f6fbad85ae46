package import Broker
package import NIOCore

/// Where a serial client sits, of which there is one: a serial port, or the way to it over a network.
///
/// Made and used on the event loop only.
package protocol ClientPort: AnyObject {
    var client: Client { get }

    /// Outlives the losses of the port.
    var session: SerialClientSession? { get }

    /// Opens the port, and goes on trying until it is open, also after losses.
    func open()

    /// Closes the port for good.
    ///
    /// - Returns: completed when nothing is under way any more; nil: nothing was.
    func stop() -> EventLoopFuture<Void>?
}
