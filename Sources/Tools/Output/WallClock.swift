internal import Text

/// The time of day.
enum WallClock {
    /// Such as `2025-09-21T19:58:43.667`, local.
    static var timestamp: String { timestamp(SystemClock.microsecondsSince1970) }

    /// - Parameter microseconds: since 1970.
    static func timestamp(_ microseconds: Int64) -> String { Timestamp.local(microseconds) }
}
