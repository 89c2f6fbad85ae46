import Testing

@testable import Text

@Suite("Figures as people read them, over their whole range")
struct FigureTextTests {
    private static let moments: [Int64] = [
        .min, .min + 1, -1_000_001, -1_000_000, -1, 0, 1, 999_949, 999_950, 999_999, 1_000_000, 1_100_000, 59_999_999,
        60_000_000, 9_223_372_036_854_775, .max - 1, .max,
    ]

    @Test("No number of microseconds ends the process", arguments: moments)
    func edges(microseconds: Int64) {
        #expect(!FigureText.milliseconds(microseconds).isEmpty)
        #expect(!FigureText.duration(microseconds).isEmpty)
        #expect(!FigureText.time(microseconds).isEmpty)
        #expect(!FigureText.clock(microseconds).isEmpty)
        #expect(!FigureText.count(Int(microseconds)).isEmpty)
    }

    @Test("Random numbers of every magnitude have the decimals that were asked for")
    func decimals() {
        var bitPattern: UInt64 = 12
        for _ in 0..<2000 {
            bitPattern = bitPattern &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = Double(bitPattern: bitPattern)
            for decimals in 0...6 {
                let text = FigureText.decimal(bits, decimals)
                let parts = text.split(separator: ".")
                #expect(bits.isNaN ? text == "–" : parts.count == (decimals > 0 ? 2 : 1), "\(bits)")
                #expect(bits.isNaN || decimals == 0 || parts[1].count == decimals, "\(bits)")
            }
        }
    }

    @Test(
        "Numbers without decimals, and what is no number",
        arguments: [
            (1100, 0, "1100"), (0.4, 0, "0"), (-2.5, 1, "-2.5"), (.nan, 1, "–"), (.infinity, 0, "1000000000000"),
        ] as [(Double, Int, String)])
    func values(number: Double, decimals: Int, text: String) {
        #expect(FigureText.decimal(number, decimals) == text)
    }

    @Test("A moment before 1970 is on the day before")
    func before1970() { #expect(FigureText.time(-1) == "1969-12-31 23:59:59") }

    @Test(
        "A clock at any second is read, and stays at the ends of 64 bits",
        arguments: [
            (9_223_372_037, 1_000_000, 9_223_372_037_000_000), (9_223_372_037, 1_000_000_000, .max),
            (.max, 1_000_000, .max), (.min, 1_000_000, .min), (-1, 1_000_000, -1_000_000),
        ] as [(Int64, Int64, Int64)])
    func clocks(seconds: Int64, unitsPerSecond: Int64, expected: Int64) {
        #expect(SystemClock.units(seconds: seconds, nanoseconds: 0, unitsPerSecond: unitsPerSecond) == expected)
    }

    @Test("Text from outside has no marks that a terminal obeys, and 200 characters at most")
    func foreignText() {
        let text = "a\u{1B}[31m\u{9B}\u{202E}\u{2028}\n" + String(repeating: "y", count: 500)
        #expect(text.quotedBriefly.hasPrefix("a?[31m????y"))
        #expect(text.quotedBriefly.count == 201)
        #expect("a\u{7}\nb".onLines == "a?\nb")
    }
}
