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
        wall: { read(CLOCK_REALTIME, perSecond: 1_000_000) },
        uptime: { Instant(nanoseconds: read(CLOCK_MONOTONIC, perSecond: 1_000_000_000)) },
        calendar: CalendarTime.local)

    /// In parts of a second. What does not fit stays at the end of what can be said: a clock may be set to any year, and
    /// the nanoseconds since 1970 do not fit from 2262 on.
    private static func read(_ clock: clockid_t, perSecond: Int64) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        let (whole, overflows) = Int64(time.tv_sec).multipliedReportingOverflow(by: perSecond)
        let (sum, sumOverflows) = whole.addingReportingOverflow(Int64(time.tv_nsec) * perSecond / 1_000_000_000)
        return overflows || sumOverflows ? (time.tv_sec < 0 ? .min : .max) : sum
    }
}
