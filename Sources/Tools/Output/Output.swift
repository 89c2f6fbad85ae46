internal import Glibc
internal import Text

/// Where a tool writes to: the standard output for results, the standard error for everything else.
package struct Output: Sendable {
    /// Results go to a terminal that knows colours, and nobody has said that they are not wanted (`NO_COLOR`).
    let isColoured: Bool
    /// A line may be written anew, because a person watches.
    let isWatched: Bool

    package init() {
        let isPlain = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        isColoured = isatty(STDOUT_FILENO) == 1 && !isPlain && !isDumb
        isWatched = isatty(STDERR_FILENO) == 1 && !isDumb
    }

    /// A result.
    ///
    /// - Throws: ``ToolError/outputClosed`` if nobody reads it any more.
    func write(_ text: String) throws(ToolError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw errno == EPIPE ? .outputClosed : .failed("cannot write: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// A line for the person at the terminal.
    func tell(_ line: String) {
        let text = "growatt-broker: \(line.onLines)"
        writeError((isWatched ? text.wrapped(to: width) : text) + "\n")
    }

    /// Behind what the terminal itself has shown of Ctrl-C.
    func endLine() {
        if isWatched { writeError("\n") }
    }

    func writeError(_ text: String) {
        var text = text
        // Nobody is left to tell when even this fails.
        text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    enum Style: String {
        case bold = "1", faint = "2", red = "31", green = "32", yellow = "33"
    }

    /// Sentences of a result; on a terminal, broken between words.
    func sentences(_ text: String) -> String {
        isatty(STDOUT_FILENO) == 1 ? text.wrapped(to: Self.width(of: STDOUT_FILENO)) : text
    }

    /// Characters in a line of the terminal at the standard error.
    var width: Int { Self.width(of: STDERR_FILENO) }

    /// Characters in a line of the terminal; 80 if unknown.
    private static func width(of descriptor: Int32) -> Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
