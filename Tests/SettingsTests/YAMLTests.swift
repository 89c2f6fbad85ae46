import Settings
import Testing

struct YAMLTests {
    @Test func `values keep their order, their kind and their place`() throws {
        let node = try parse("b: 1\na:\n  - \"x\"\n  - {c: ~}\n")
        guard case .mapping(let entries) = node.content else { return #expect(Bool(false), "no mapping") }
        #expect(entries.map(\.key) == ["b", "a"])
        #expect(entries[0].value.content == .scalar("1", isPlain: true))
        #expect(entries[1].keyPlace == .init(line: 2, column: 1))
        guard case .sequence(let elements) = entries[1].value.content else { return #expect(Bool(false), "no list") }
        #expect(elements[0].content == .scalar("x", isPlain: false))
        #expect(elements[1].place == .init(line: 4, column: 5))
    }

    @Test("nothing is empty", arguments: ["", "\n# only a comment\n", "---\n", "~", "null"])
    func empty(_ text: String) throws {
        #expect(try parse(text).isEmpty)
    }

    @Test(
        "what is no usable YAML is refused with its place",
        arguments: [
            ("a: 1\na: 2", "x.yaml:2:1: key \"a\" is there twice, first in line 1"),
            ("a: &x 1\nb: *x", "x.yaml:1:4: anchors such as &x are not supported"),
            ("b: *x", "x.yaml:1:4: aliases such as *x are not supported"),
            ("a: !!str 1", "x.yaml:1:4: tags such as !x are not supported"),
            ("a: 1\n---\nb: 2", "x.yaml:2:1: a second document"),
            ("? [1]\n: 2", "x.yaml:1:3: expected a key that is a plain text"),
            ("a: [1", "x.yaml:2:1: no YAML: "),
            ("a: 1\n\tb: 2", "x.yaml:2:1: no YAML: "),
            ("a: \"x", "no YAML: "),
        ])
    func refused(_ text: String, _ message: String) {
        let error = #expect(throws: YAMLError.self) { try parse(text) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `bytes that are no UTF-8, depth and size are bounded`() {
        #expect(throws: YAMLError.self) { try YAMLParser.node(of: [0x61, 0x3A, 0x20, 0xFF, 0xFE], file: "x") }
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        let error = #expect(throws: YAMLError.self) { try parse(deep) }
        #expect(error?.reason.contains("more than 32") == true)
        let large = [UInt8](repeating: 0x61, count: 1_000_001)
        #expect(throws: YAMLError.self) { try YAMLParser.node(of: large, file: "x") }
    }

    @Test func `an unknown key is refused with its place and the one that was meant`() throws {
        let reader = YAMLReader(try parse("plant:\n  battrey: 1\n"), file: "x.yaml")
        let plant = try #require(try reader.fields(["plant"])["plant"])
        let error = #expect(throws: YAMLError.self) { try plant.fields(["battery", "grid"]) }
        #expect(
            error?.description
                == "x.yaml:2:3: plant.battrey: unknown key; did you mean battery? expected battery, grid")
        let other = #expect(throws: YAMLError.self) { try plant.fields(["pv"]) }
        #expect(other?.reason == "unknown key; expected pv")
    }

    @Test(
        "a value of the wrong kind is refused with what is allowed",
        arguments: ["abc", "nan", "inf", "0x10", "1 2", "\"\"", "[1]", "{a: 1}", "~", "11", "-1", "1e400"])
    func badNumber(_ text: String) throws {
        let reader = try YAMLReader(parse("a: \(text)"), file: "x.yaml").fields(["a"])["a"]
        let error = #expect(throws: YAMLError.self) { try reader?.number(0...10, "kW") }
        #expect(error?.description.hasPrefix("x.yaml:1:4: a: expected a number from 0 to 10 kW, not ") == true)
    }

    @Test("numbers are read", arguments: [("0", 0), ("10", 10), ("2.5", 2.5), ("\"3\"", 3), ("1e1", 10)])
    func goodNumber(_ text: String, _ number: Double) throws {
        #expect(try YAMLReader(parse(text), file: "x").number(0...10) == number)
    }

    @Test func `a near word is guessed, a far one is not`() {
        #expect(SpellingGuess.of("sunrsie", among: ["sunset", "sunrise"]) == "sunrise")
        #expect(SpellingGuess.of("x", among: ["sunset", "sunrise"]) == nil)
        #expect(SpellingGuess.of("", among: []) == nil)
    }

    @Test func `every beginning of a file, and every file with one byte changed, is read or refused`() {
        let text = Array("a: [1, {b: \"c\"}]\nd:\n  - |\n    e\n  - 'f'\n".utf8)
        for index in text.indices {
            _ = try? YAMLParser.node(of: Array(text[..<index]), file: "x")
            for byte in stride(from: UInt8.min, through: 250, by: 5) {
                var changed = text
                changed[index] = byte
                _ = try? YAMLParser.node(of: changed, file: "x")
            }
        }
    }

    private func parse(_ text: String) throws(YAMLError) -> YAMLNode {
        try YAMLParser.node(of: Array(text.utf8), file: "x.yaml")
    }
}
