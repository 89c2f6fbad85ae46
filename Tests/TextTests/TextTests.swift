import Testing
import TestSupport

@testable import Text

@Suite("Text of a line")
struct TextTests {
    @Test("Every byte value has two hexadecimal digits")
    func hex() {
        var bytes: [UInt8] = []
        bytes.append(hex: 0...255)
        let expected = (0...255).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test(
        "Numbers have as many decimals as they need",
        arguments: [
            (36_800, "36.8"), (36_812, "36.812"), (400, "0.4"), (7, "0.007"), (1_000, "1.0"), (0, "0.0"), (-5, "0.0"),
            (1_050, "1.05"),
        ])
    func decimals(number: Int, text: String) {
        var bytes: [UInt8] = []
        bytes.append(thousandths: number)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test("Integers are written whole", arguments: [0, 7, -7, 65_535, Int.max, Int.min])
    func integers(number: Int) {
        var bytes: [UInt8] = []
        bytes.append(decimal: number)
        #expect(String(decoding: bytes, as: UTF8.self) == String(number))
    }

    @Test("A figure is never longer than its digits, whatever its size", arguments: 0...6)
    func figures(decimals: Int) {
        var numbers = [0, 0.4, 0.5, 0.999_999_9, 1, 9.5, 999.95, 1000, 123_456.789, 1e11, 1e12, 1e300, .infinity]
        numbers += numbers.map(-)
        for number in numbers {
            let text = FigureText.decimal(number, decimals)
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            #expect(parts.count == (decimals == 0 ? 1 : 2), "\(text)")
            if decimals > 0 { #expect(parts[1].count == decimals, "\(text)") }
            let told = Double(text)
            #expect(told.map { abs($0 - min(max(number, -1e12), 1e12)) <= max(1e-3, abs($0) * 1e-9) + 0.5 } == true)
        }
        #expect(FigureText.decimal(.nan, decimals) == "–")
    }

    @Test("Times of any length have a figure", arguments: [0, 999_999, 1_000_000, 1_100_000, Int64.max, -1, .min])
    func times(microseconds: Int64) {
        #expect(!FigureText.milliseconds(microseconds).isEmpty)
        #expect(!FigureText.duration(microseconds).isEmpty)
        #expect(!FigureText.time(microseconds).isEmpty)
        #expect(FigureText.milliseconds(1_100_000) == "1100")
    }

    @Test(
        "Timestamps have milliseconds and leading zeros",
        arguments: [
            (0, "1970-01-01T00:00:00.000"), (999_999, "1970-01-01T00:00:00.999"), (-1, "1969-12-31T23:59:59.999"),
            (10_413_792_000_000_000, "2300-01-01T00:00:00.000"), (951_782_400_000_000, "2000-02-29T00:00:00.000"),
            (1_758_484_723_667_123, "2025-09-21T19:58:43.667"),
        ] as [(Int64, String)])
    func timestamps(microseconds: Int64, text: String) {
        var (timestamp, bytes) = (Timestamp(calendar: CalendarTime.utc), [UInt8]())
        timestamp.append(microseconds, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test("The calendar is asked once a second")
    func calendarCache() {
        let asked = Collected<Int64>()
        var timestamp = Timestamp { second in
            asked.append(second)
            return CalendarTime.utc(secondsSince1970: second)
        }
        var bytes: [UInt8] = []
        for microseconds in stride(from: Int64(0), to: 2_500_000, by: 100_000) {
            timestamp.append(microseconds, to: &bytes)
        }
        #expect(asked.all == [0, 1, 2])
    }

    @Test("Local time is that of the process")
    func localTime() {
        let (local, utc) = (CalendarTime.local(secondsSince1970: 0), CalendarTime.utc(secondsSince1970: 0))
        #expect(utc == CalendarTime(year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0))
        #expect([1969, 1970].contains(local.year))
    }
}
