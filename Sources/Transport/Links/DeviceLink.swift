package import Broker
package import NIOCore

/// The way of a ``Bus`` to its units: opened by name, and again after every loss (R12).
///
/// Made and used on the event loop only.
package protocol DeviceLink: BusLink {
    /// Held weakly.
    var bus: Bus? { get set }

    /// Opens the way, and goes on trying until it is open.
    func open()

    /// Closes it for good.
    ///
    /// - Returns: completed when nothing is under way any more; nil: nothing was.
    func stop() -> EventLoopFuture<Void>?
}
