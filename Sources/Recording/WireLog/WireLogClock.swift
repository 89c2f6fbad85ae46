package import Broker
internal import Glibc

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
        wall: { read(CLOCK_REALTIME) / 1000 }, uptime: { Instant(nanoseconds: read(CLOCK_MONOTONIC)) },
        calendar: CalendarTime.local)

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
