import Testing
import Text

struct DurationTextTests {
    @Test(
        "a duration is exact to the nanosecond",
        arguments: [
            ("0", 0), ("0.0", 0), ("1", 1_000_000_000), ("0.5", 500_000_000), (".5", 500_000_000),
            ("0.1", 100_000_000), ("0.3", 300_000_000), ("0.9", 900_000_000), ("1.1", 1_100_000_000),
            ("500ms", 500_000_000), ("1.75ms", 1_750_000), ("0.000001ms", 1), ("2s", 2_000_000_000),
            ("0.000000001", 1), ("1m", 60_000_000_000), ("0.5m", 30_000_000_000), ("1h", 3_600_000_000_000),
            ("0.123456789m", 7_407_407_340), ("0.50000000000000000000", 500_000_000), ("007", 7_000_000_000),
            ("4.35", 4_350_000_000), ("1.005s", 1_005_000_000),
        ] as [(String, Int64)])
    func exact(_ text: String, _ nanoseconds: Int64) {
        #expect(Duration(text: text) == .nanoseconds(nanoseconds))
    }

    @Test(
        "what is no plain number of a known unit is no duration",
        arguments: [
            "", " ", ".", "s", "ms", ".s", "1.", "1.s", "1..5", "1.5.2", "0,5", "-1", "+1", "1e3", "0x10", "nan", "inf",
            "infinity", " 1", "1 ", "1 s", "1S", "1MS", "1us", "1d", "1min", "1sm", "٣", "1_000", "--1", "1\n",
        ])
    func noDuration(_ text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(
        "what is finer than a nanosecond or beyond the integers is no duration",
        arguments: [
            "0.0000000001", "0.0000001ms", "0.1234567890123456789", "99999999999999999999", "9999999999999999999h",
            "9223372036854775807m",
        ])
    func outOfReach(_ text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test("the text of a duration is read as the same duration")
    func roundTrip() {
        for exponent in 0..<15 {
            for factor: Int64 in [1, 3, 10, 75, 999] {
                let nanoseconds = (0..<exponent).reduce(factor) { value, _ in value * 10 }
                let duration = Duration.nanoseconds(nanoseconds)
                #expect(Duration(text: duration.secondsText) == duration)
            }
        }
    }

    @Test(
        "the text of a duration is as short as can be",
        arguments: [
            (Duration.zero, "0"), (.milliseconds(500), "0.5"), (.seconds(3), "3"), (.nanoseconds(1), "0.000000001"),
            (.microseconds(1750), "0.00175"), (.seconds(3600), "3600"),
        ] as [(Duration, String)])
    func text(_ duration: Duration, _ text: String) {
        #expect(duration.secondsText == text)
    }
}
