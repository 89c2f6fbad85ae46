internal import Glibc
internal import Text

/// Lines that are shown again and again in the same place of a terminal; one block below the other anywhere else.
struct TerminalScreen {
    let isUsed: Bool

    /// Broken between words, because a terminal breaks anywhere.
    static func fitted(_ text: String, to descriptor: Int32) -> String {
        width(of: descriptor).map(text.wrapped) ?? text
    }

    /// Characters in a line; nil: no terminal, or unknown.
    private static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    func show(_ lines: [String]) {
        guard isUsed else {
            StandardStreams.printWhole(Array((lines.joined(separator: "\n") + "\n").utf8))
            return
        }
        // To the upper left corner; each line ends by clearing what was behind it, the last one what was below.
        let text = "\u{1B}[H" + lines.map { "\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J"
        StandardStreams.printWhole(Array(text.utf8))
    }
}
