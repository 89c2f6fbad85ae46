package import Broker
internal import Glibc
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
        wall: { read(CLOCK_REALTIME, unitsPerSecond: 1_000_000) },
        uptime: { Instant(nanoseconds: read(CLOCK_MONOTONIC, unitsPerSecond: 1_000_000_000)) },
        calendar: CalendarTime.local)

    private static func read(_ clock: clockid_t, unitsPerSecond: Int64) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return units(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec), unitsPerSecond: unitsPerSecond)
    }

    /// A clock may be set to any second: at the ends of 64 bits the time stays there.
    ///
    /// - Parameter unitsPerSecond: 1 to 1,000,000,000, a power of ten.
    static func units(seconds: Int64, nanoseconds: Int64, unitsPerSecond: Int64) -> Int64 {
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: unitsPerSecond)
        let (sum, sumOverflows) = whole.addingReportingOverflow(nanoseconds / (1_000_000_000 / unitsPerSecond))
        return overflows || sumOverflows ? (seconds < 0 ? .min : .max) : sum
    }
}
