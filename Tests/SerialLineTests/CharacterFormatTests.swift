import SerialLine
import Testing

@Suite struct CharacterFormatTests {
    @Test(
        "a format is read in any letter case and written in capitals",
        arguments: ["7", "8"].flatMap { data in
            ["N", "E", "O"].flatMap { parity in ["1", "2"].map { data + parity + $0 } }
        }
    )
    func readsAllFormats(text: String) throws {
        #expect(try CharacterFormat(text).description == text)
        #expect(try CharacterFormat(text.lowercased()) == CharacterFormat(text))
    }

    @Test(
        "any other text is refused with its value and what is allowed",
        arguments: ["", "8", "8N", "8N3", "6N1", "9N1", "8X1", "8N11", " 8N1", "N81", "8-N-1", "٨N1", "8N¹"]
    )
    func refusesOtherText(text: String) {
        #expect(throws: SerialLineError.invalidFormat(text)) { _ = try CharacterFormat(text) }
        let message = SerialLineError.invalidFormat(text).description
        #expect(message.contains("'\(text)'") && message.contains("[78][NEO][12]"))
    }

    @Test(
        "a character takes a start bit, its data bits, its parity bit and its stop bits",
        arguments: [("7N1", 9), ("8N1", 10), ("8E1", 11), ("8N2", 11), ("8O2", 12)]
    )
    func countsBits(text: String, bits: Int) throws {
        #expect(try CharacterFormat(text).bitsPerCharacter == bits)
    }

    @Test("a speed of 50 to 4,000,000 bits per second is taken", arguments: [50, 9_600, 12_345, 4_000_000])
    func takesSpeed(value: Int) throws {
        #expect(try BaudRate(value).bitsPerSecond == value)
    }

    @Test("any other speed is refused with its value and what is allowed", arguments: [-1, 0, 49, 4_000_001, .max])
    func refusesSpeed(value: Int) {
        #expect(throws: SerialLineError.invalidBaudRate(value)) { _ = try BaudRate(value) }
        #expect(SerialLineError.invalidBaudRate(value).description == "baud rate \(value): allowed is 50 to 4000000")
    }
}
