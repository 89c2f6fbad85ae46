/// A point on the monotonic time line of one broker, in nanoseconds since an arbitrary start.
package struct Instant: Hashable, Comparable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static let start = Instant(nanoseconds: 0)
    package static let distantFuture = Instant(nanoseconds: .max)
    package static let distantPast = Instant(nanoseconds: .min / 2)

    package static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// Stays at the ends of time where the sum is beyond them.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        let added = duration.nanoseconds
        let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(added)
        return Instant(nanoseconds: overflows ? (added < 0 ? .min : .max) : sum)
    }

    /// Stays at the ends of time where the difference is beyond them.
    package static func - (instant: Instant, duration: Duration) -> Instant {
        let taken = duration.nanoseconds
        let (difference, overflows) = instant.nanoseconds.subtractingReportingOverflow(taken)
        return Instant(nanoseconds: overflows ? (taken < 0 ? .max : .min) : difference)
    }

    /// The longest duration, 292 years, where it would be longer.
    package static func - (later: Instant, earlier: Instant) -> Duration {
        let (difference, overflows) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return Duration(nanoseconds: overflows ? (later < earlier ? .min : .max) : difference)
    }
}
