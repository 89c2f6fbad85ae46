internal import Recording

/// The time of day.
enum WallClock {
    /// Such as `2025-09-21T19:58:43.667`, local.
    static var timestamp: String { timestamp(WireLogClock.system.wall()) }

    /// - Parameter microseconds: since 1970.
    static func timestamp(_ microseconds: Int64) -> String {
        let time = CalendarTime.local(secondsSince1970: microseconds / 1_000_000)
        let date = [(time.year, 4), (time.month, 2), (time.day, 2)].map { Digits.padded("\($0)", $1) }
        let clock = [time.hour, time.minute, time.second].map { Digits.padded("\($0)", 2) }
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "."
            + Digits.padded("\(microseconds / 1000 % 1000)", 3)
    }
}
