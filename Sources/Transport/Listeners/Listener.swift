package import NIOCore
package import SerialLine

/// A place where clients, or readers of the traffic, come in. Made and used on the event loop only.
package protocol Listener: AnyObject {
    /// How many are connected.
    var connected: Int { get }

    /// Begins to listen, also again after ``stopAccepting()``.
    ///
    /// - Returns: the address or name that it is had at, with the port that the system chose for port 0; fails with what
    ///   the system says if it cannot be had.
    func start() -> EventLoopFuture<String>

    /// Lets nobody in any more; who is connected stays.
    ///
    /// - Returns: completed when the address is free.
    @discardableResult
    func stopAccepting() -> EventLoopFuture<Void>

    /// Closes every connection, after what was written to it has left.
    func closeConnections() -> EventLoopFuture<Void>
}

/// A listener at a name of its own, which one that did not come to replace it may have taken.
package protocol NamedListener: Listener {
    /// Takes the name back.
    func renewName()

    /// Lets others open the port from now on.
    func apply(_ access: PseudoTerminalAccess)
}
