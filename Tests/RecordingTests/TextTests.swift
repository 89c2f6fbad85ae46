import Broker
import Modbus
import Testing

@testable import Recording

@Suite("Text of a line")
struct TextTests {
    @Test("Every character of a name or reason survives a JSON parser")
    func escaping() throws {
        let scalars = String(String.UnicodeScalarView((0...255).compactMap { Unicode.Scalar($0) }))
        let bytes = String(decoding: (0...255).map { UInt8($0) }, as: UTF8.self)
        for name in [scalars, bytes, "\u{2028}\u{2029}😀\u{10FFFF}", #"C:\"x"\u0000"#, ""] {
            let client = Client(kind: .tcp, name: name, address: "")
            let request = line(.request(try exampleQuery(from: client)))
            #expect(request.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
            #expect(try JSONValue.fields(request)["from_client"] == .text(name))
            #expect(try JSONValue.fields(line(.line(.closed(reason: name))))["reason"] == .text(name))
        }
    }

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

    @Test(
        "Timestamps have milliseconds and leading zeros",
        arguments: [
            (0, "1970-01-01T00:00:00.000"), (999_999, "1970-01-01T00:00:00.999"), (-1, "1969-12-31T23:59:59.999"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000"), (moment, "2025-09-21T19:58:43.667"),
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
