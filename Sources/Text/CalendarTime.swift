internal import Glibc

/// A second as people write it down.
package struct CalendarTime: Hashable, Sendable {
    package var year: Int
    /// 1–12.
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int

    /// The second in the time zone of the process.
    ///
    /// By `localtime_r`: `TimeZone.current` of FoundationEssentials is GMT whatever TZ says.
    package static func local(secondsSince1970 seconds: Int64) -> CalendarTime {
        broken(seconds, localtime_r)
    }

    /// The second in UTC.
    package static func utc(secondsSince1970 seconds: Int64) -> CalendarTime {
        broken(seconds, gmtime_r)
    }

    private static func broken(
        _ seconds: Int64, _ convert: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
    ) -> CalendarTime {
        var (time, parts) = (time_t(seconds), tm())
        _ = convert(&time, &parts)
        return CalendarTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }
}
