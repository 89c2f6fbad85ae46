package import Broker
package import Text

/// Where the wire log gets its timestamps, and the instants at which it tries again.
package struct WireLogClock: Sendable {
    /// Microseconds since 1970.
    package let wall: @Sendable () -> Int64
    /// Monotonic; need not be the time line of the core.
    package let uptime: @Sendable () -> Instant
    /// The parts of a second since 1970.
    package let calendar: @Sendable (Int64) -> CalendarTime

    package init(
        wall: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Instant,
        calendar: @escaping @Sendable (Int64) -> CalendarTime
    ) {
        self.wall = wall
        self.uptime = uptime
        self.calendar = calendar
    }

    /// The clocks and the time zone of the system.
    package static let system = WireLogClock(
        wall: { SystemClock.microsecondsSince1970 },
        uptime: { Instant(nanoseconds: SystemClock.uptimeNanoseconds) },
        calendar: CalendarTime.local)
}
