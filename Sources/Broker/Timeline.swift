/// Where the core gets the time from: the event loop, or the virtual time of the simulation.
package protocol Timeline: AnyObject {
    var now: Instant { get }

    /// Makes a timer that calls `fire` on the thread of the core. It is unset.
    func makeTimer(_ fire: @escaping () -> Void) -> any WakeTimer
}

/// One alarm that can be set again and again.
package protocol WakeTimer: AnyObject {
    /// Calls back once at `instant`, or as soon as possible if that has passed; nil: never. Replaces what was set.
    ///
    /// It never calls back from within this call. It may call back too early: who is woken looks at the clock, and sets the
    /// timer again.
    func set(_ instant: Instant?)
}
