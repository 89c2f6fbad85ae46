/// Reads ISO 8601 timestamps: `2025-09-21T19:58:43.667`.
package enum CivilTime {
    /// Microseconds since 1970 on the civil time line; an offset behind it is left out of account.
    ///
    /// - Returns: nil unless the text is a timestamp with a valid month, day, hour, minute and second.
    package static func microseconds(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard text.count >= 19, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T") || text[10] == 0x20, text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"),
            let century = pair(text, 0), let year = pair(text, 2), let month = pair(text, 5),
            let day = pair(text, 8), let hour = pair(text, 11), let minute = pair(text, 14),
            let second = pair(text, 17),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = days(year: century * 100 + year, month: month, day: day)
        return ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + fraction(text)
    }

    @inline(__always)
    private static func pair(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int64? {
        let (tens, ones) = (text[index] &- UInt8(ascii: "0"), text[index + 1] &- UInt8(ascii: "0"))
        return tens < 10 && ones < 10 ? Int64(tens) * 10 + Int64(ones) : nil
    }

    private static func fraction(_ text: UnsafeRawBufferPointer) -> Int64 {
        guard text.count > 20, text[19] == UInt8(ascii: ".") else { return 0 }
        var (result, weight) = (Int64(0), Int64(100_000))
        for byte in text[20...] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            result += Int64(digit) * weight
            weight /= 10
        }
        return result
    }

    /// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin with March.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
