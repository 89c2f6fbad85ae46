import Testing
import Text

@testable import WireLog

@Suite("Values of lines")
struct LineValueTests {
    private func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8]?
        return Array(text.utf8).withUnsafeBytes { HexDigits.decode($0, into: &bytes) } ? bytes : nil
    }

    @Test func `every byte is read from its two digits, in either case, at every place`() {
        for byte in UInt8.min...UInt8.max {
            var digits: [UInt8] = []
            digits.append(hex: [byte])
            let text = String(decoding: digits, as: UTF8.self)
            for before in 0..<9 {
                let zeros = String(repeating: "00", count: before)
                let expected = [UInt8](repeating: 0, count: before) + [byte]
                #expect(decoded(zeros + text) == expected)
                #expect(decoded(zeros + text.uppercased()) == expected)
            }
        }
    }

    @Test func `any other character is found, at every place`() {
        for character in UInt8(1)..<128 where Character(Unicode.Scalar(character)).hexDigitValue == nil {
            for place in 0..<18 {
                var digits = Array(repeating: Character("7"), count: 18)
                digits[place] = Character(Unicode.Scalar(character))
                #expect(decoded(String(digits)) == nil, "character \(character) at \(place)")
            }
        }
        #expect(decoded("123") == nil)
        #expect(decoded("ä7ä7") == nil)
    }

    @Test(
        "Timestamps are read as they are written",
        arguments: [
            ("1970-01-01T00:00:00.000", 0), ("2025-09-21T19:58:43.667", 1_758_484_723_667_000),
            ("2000-02-29T23:59:59.999999", 951_868_799_999_999), ("2024-12-31 23:59:60", 1_735_689_600_000_000),
            ("1969-12-31T23:59:59", -1_000_000), ("2025-09-21T19:58:43.667+02:00", 1_758_484_723_667_000),
        ] as [(String, Int64)])
    func time(_ text: String, _ microseconds: Int64) {
        #expect(Array(text.utf8).withUnsafeBytes { CivilTime.microseconds($0) } == microseconds)
    }

    @Test func `days are those of the C library`() {
        for day in stride(from: Int64(-40_000), to: 60_000, by: 13) {
            var timestamp = Timestamp(calendar: CalendarTime.utc)
            var text: [UInt8] = []
            timestamp.append(day * 86_400_000_000, to: &text)
            #expect(text.withUnsafeBytes { CivilTime.microseconds($0) } == day * 86_400_000_000)
        }
    }

    @Test func `a client is made once for each name, and forgotten names are made anew`() {
        var clients = RecordedClients()
        func client(_ name: String) -> RecordedClient {
            Array(name.utf8).withUnsafeBytes { clients.client($0) }
        }
        let first = client("TCP:[::1]:5020")
        #expect(first === client("TCP:[::1]:5020"))
        #expect(first.group == "TCP:[::1]")
        #expect(client("SHINE").number != first.number)
        for port in 0..<30_000 { _ = client("TCP:10.0.0.1:\(port)") }
        #expect(client("SHINE").group == "SHINE")
    }
}
