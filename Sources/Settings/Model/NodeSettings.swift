internal import Text

/// Who may open a pseudo-terminal.
package struct NodeSettings: Hashable, Sendable {
    /// A user's name or number; nil: who runs the broker.
    package var owner: String?
    /// A group's name or number; nil: as the system has it.
    package var group: String?
    /// Permission bits, 0 to 0o777; default 0o660.
    package var mode = 0o660

    package init() {}
}

extension ValueKind<String> {
    /// A user or a group.
    static let account = Self(
        allowed: "a name without spaces, colons and slashes, or a number", schema: .text(),
        read: { text in
            let isNumber = Int(digits: text) != nil
            let isName = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !":/[]{}".utf8.contains($0) }
            let fits = (1...256).contains(text.utf8.count) && !text.hasPrefix("-")
            // The largest number stands for nobody in the system's calls.
            return isName && fits && (!isNumber || UInt32(text).map { $0 < .max } == true) ? text : nil
        }, text: { $0 })
}

extension ValueKind<Int> {
    /// Permission bits, as `chmod` reads them.
    static let permissions = Self(
        allowed: "octal permissions from 0 to 0777, such as 0660",
        schema: .anyOf([.integer(0...777), .text(pattern: "^(0o)?[0-7]{1,4}$")]),
        read: { text in
            let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
            guard (1...4).contains(digits.utf8.count), Int(digits: digits) != nil, let mode = Int(digits, radix: 8)
            else {
                return nil
            }
            return (0...0o777).contains(mode) ? mode : nil
        },
        text: { mode in
            let digits = String(mode, radix: 8)
            return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        })
}
