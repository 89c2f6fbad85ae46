/// Writes ISO 8601 timestamps with milliseconds and without an offset: `2025-09-21T19:58:43.667`.
///
/// What comes before the milliseconds is kept for as long as the second lasts: asking for the local time takes longer
/// than writing the rest of a line.
package struct Timestamp {
    private let calendar: @Sendable (Int64) -> CalendarTime
    private var second: Int64?
    private var prefix: [UInt8] = []

    /// - Parameter calendar: tells the parts of a second since 1970.
    package init(calendar: @escaping @Sendable (Int64) -> CalendarTime) {
        self.calendar = calendar
    }

    /// In the time zone of the process.
    ///
    /// - Parameter microseconds: since 1970.
    package static func local(_ microseconds: Int64) -> String {
        var timestamp = Timestamp(calendar: CalendarTime.local)
        var bytes: [UInt8] = []
        timestamp.append(microseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter microseconds: since 1970.
    package mutating func append(_ microseconds: Int64, to bytes: inout [UInt8]) {
        var (whole, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if fraction < 0 { (whole, fraction) = (whole - 1, fraction + 1_000_000) }
        if second != whole { remember(whole) }
        bytes.append(contentsOf: prefix)
        bytes.append(digits: UInt(fraction / 1000), atLeast: 3)
    }

    private mutating func remember(_ second: Int64) {
        self.second = second
        let time = calendar(second)
        prefix.removeAll(keepingCapacity: true)
        append(time.year, digits: 4, then: "-")
        append(time.month, digits: 2, then: "-")
        append(time.day, digits: 2, then: "T")
        append(time.hour, digits: 2, then: ":")
        append(time.minute, digits: 2, then: ":")
        append(time.second, digits: 2, then: ".")
    }

    private mutating func append(_ number: Int, digits: Int, then separator: StaticString) {
        prefix.append(digits: number.magnitude, atLeast: digits)
        prefix.append(separator)
    }
}
