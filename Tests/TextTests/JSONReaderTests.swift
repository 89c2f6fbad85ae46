import Testing
import Text

struct JSONReaderTests {
    @Test(
        "a value is read as it was written",
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)), ("-0", .number("-0")),
            ("12.5E-3", .number("12.5E-3")), ("\"\"", .string("")), (#""a\n\/\u00e4\ud83d\ude00""#, .string("a\n/ä😀")),
            ("[]", .array([])), ("[1 ,[ ]]", .array([.number("1"), .array([])])), ("{}", .object([])),
            ("\u{FEFF}{\"b\":1,\"a\":{}}", .object([.init("b", .number("1")), .init("a", .object([]))])),
        ] as [(String, Text.JSONValue)])
    func good(_ text: String, _ value: Text.JSONValue) throws {
        #expect(try JSONReader.value(of: Array(text.utf8)) == value)
    }

    @Test(
        "what is no JSON is refused with its place",
        arguments: [
            ("", 1, 1), ("nul", 1, 1), ("1 2", 1, 3), ("01", 1, 2), ("1.", 1, 3), ("1e", 1, 3), ("-", 1, 2),
            ("+1", 1, 1),
            ("[1,]", 1, 4), ("[1", 1, 3), ("{\"a\" 1}", 1, 6), ("{\"a\":1,}", 1, 8), ("{a:1}", 1, 2),
            ("{\n\n \"a\":x}", 3, 6),
            ("\"a", 1, 1), ("\"\n\"", 1, 2), (#""\x""#, 1, 3), (#""\u12g4""#, 1, 4), (#""\ud800""#, 1, 8),
            (#""\ud800\n""#, 1, 9), ("{\"a\":1,\"a\":2}", 1, 8), ("NaN", 1, 1),
        ])
    func bad(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: JSONError.self) { try JSONReader.value(of: Array(text.utf8)) }
        #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: JSONError.self) { try JSONReader.value(of: [0x22, 0xC3, 0x22]) }
        #expect(throws: JSONError.self) { try JSONReader.value(of: [0xFF]) }
    }

    @Test func `values within each other are bounded`() throws {
        let deep = { (count: Int) in
            Array(String(repeating: "[", count: count).utf8) + Array(String(repeating: "]", count: count).utf8)
        }
        #expect(throws: Never.self) { try JSONReader.value(of: deep(64)) }
        let error = #expect(throws: JSONError.self) { try JSONReader.value(of: deep(100_000)) }
        #expect(error?.reason.contains("64") == true)
    }

    @Test func `every beginning of a text, and every text with one byte changed, is read or refused`() {
        let text = Array(#"{"a": [1, -2.5e3, "x\u00e4\n", true], "b": {"c": null}}"#.utf8)
        for index in text.indices {
            #expect(throws: JSONError.self) { try JSONReader.value(of: Array(text[..<index])) }
            for byte in UInt8.min ... .max {
                var changed = text
                changed[index] = byte
                _ = try? JSONReader.value(of: changed)
            }
        }
    }
}
