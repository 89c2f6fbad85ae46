/// The character format of a serial line, `[78][NEO][12]`: data bits, parity, stop bits.
package struct LineFormat: Hashable, Sendable {
    /// Growatt's RS-485, and the default.
    package static let eightNoneOne = LineFormat(upperCase: "8N1")

    /// What ``init(_:)`` reads, in words.
    package static let allowed = "[78][NEO][12], such as 8N1 or 8E1"

    private let text: String

    private init(upperCase text: String) {
        self.text = text
    }

    /// Reads a format in any letter case; nil: it is none.
    package init?(_ text: String) {
        let letters = Array(text.uppercased())
        guard letters.count == 3, "78".contains(letters[0]), "NEO".contains(letters[1]), "12".contains(letters[2])
        else { return nil }
        self.init(upperCase: String(letters))
    }
}

extension LineFormat: CustomStringConvertible {
    /// Three characters, capitals, such as `8N1`.
    package var description: String { text }
}
