/// Lines that are shown again and again in the same place of a terminal; one block below the other anywhere else.
struct TerminalScreen {
    let isUsed: Bool

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
