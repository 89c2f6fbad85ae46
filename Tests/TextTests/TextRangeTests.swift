import Simulator
import Testing
import Text

/// What numbers and times become, over the whole range of their types.
@Suite struct TextRangeTests {
    private static let edges: [Int64] = [
        .min, .min + 1, -9_223_372_036_854_775_000, -1_000_001, -1_000_000, -999, -1, 0, 1, 9, 10, 499, 500, 999, 1000,
        999_999,
        1_000_000, 9_223_372_036_854_775_000, .max - 499, .max - 1, .max,
    ]

    private static func numbers() -> [Int64] {
        var random = RandomSource(seed: 7)
        // Of every magnitude, for they are what digits are about.
        return edges
            + (0..<2000).map { _ in Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random) }
    }

    private func text(_ append: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        append(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `decimal digits are those of the standard library`() {
        for number in Self.numbers() {
            #expect(text { $0.append(decimal: Int(number)) } == "\(number)")
            let digits = text { $0.append(digits: UInt(number.magnitude), atLeast: 3) }
            #expect(UInt64(digits) == number.magnitude)
            #expect(digits.count >= 3)
        }
    }

    @Test func `millionths and thousandths are the number with a point in it`() {
        for number in Self.numbers() {
            let millionths = text { $0.append(millionths: number) }
            let parts = millionths.split(separator: ".")
            #expect(parts.count == 2 && parts[1].count == 6)
            #expect(Int128(millionths.filter { $0 != "." }) == Int128(number))
            let thousandths = text { $0.append(thousandths: Int(number)) }
            let halves = thousandths.split(separator: ".")
            #expect(halves.count == 2 && (1...3).contains(halves[1].count))
            let padded = halves[0] + halves[1] + String(repeating: "0", count: 3 - halves[1].count)
            #expect(Int128(padded) == Int128(max(0, number)))
        }
    }

    @Test func `every moment has a timestamp of one form`() {
        for number in Self.numbers() {
            let stamp = Timestamp.local(number)
            #expect(stamp.split(separator: "T").count == 2, "\(number): \(stamp)")
            #expect(stamp.split(separator: ".").last?.count == 3, "\(number): \(stamp)")
            #expect(!FigureText.time(number).isEmpty)
        }
    }

    @Test(arguments: [
        "a\u{7F}b", "\u{9B}31m", "\u{202E}x\u{202C}", "\u{2028}", "\u{61C}", "\u{200F}", "\u{0}\n\t\"\\", "ö ∑ 😀",
    ])
    func `text in JSON has nothing that a terminal obeys, and is read as what it was`(_ text: String) throws {
        let line = Text.JSONValue.string(text).line
        #expect(line.unicodeScalars.allSatisfy { !$0.isControl })
        #expect(try JSONReader.value(of: Array(line.utf8)).string == text)
    }
}
