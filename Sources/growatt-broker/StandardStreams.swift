internal import Glibc
internal import Text

/// Whole lines to stderr and stdout, from any thread. They wait for the reader: nothing for an event loop.
enum StandardStreams {
    /// For who has called a tool.
    static func printError(_ line: String) {
        write(TerminalScreen.fitted("growatt-broker: \(line.onLines)", to: STDERR_FILENO) + "\n", to: STDERR_FILENO)
    }

    static func print(_ line: String) {
        write("\(line)\n", to: STDOUT_FILENO)
    }

    /// A result of any length.
    static func printWhole(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(Array(text.utf8), to: descriptor)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || (errno != EINTR && !(errno == EAGAIN && waitUntilWritable(descriptor))) {
                // Nobody is left to tell when even this fails.
                return
            }
        }
    }

    /// Whoever shares a stream may have put it into non-blocking mode.
    private static func waitUntilWritable(_ descriptor: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, -1) > 0 || errno == EINTR
    }
}
