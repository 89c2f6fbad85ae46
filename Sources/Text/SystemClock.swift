internal import Glibc
// The optimising compiler of Swift 6.2 finds the fields of `timespec` there in a module that extends `Duration`.
internal import SwiftOverlayShims

/// The clocks of the system.
package enum SystemClock {
    /// The time of day: microseconds since 1970. It may be set at any moment.
    package static var microsecondsSince1970: Int64 { read(CLOCK_REALTIME, unitsPerSecond: 1_000_000) }

    /// The time since the system was started, in nanoseconds. It never goes back.
    package static var uptimeNanoseconds: Int64 { read(CLOCK_MONOTONIC, unitsPerSecond: 1_000_000_000) }

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
