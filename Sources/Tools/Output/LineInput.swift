internal import Glibc

/// A line that a person types.
enum LineInput {
    private static let longest = 1024

    /// Without its end; nil: the input ended.
    ///
    /// - Throws: ``ToolError/interrupted(signal:)``.
    static func line(_ interruption: Interruption) throws(ToolError) -> String? {
        var bytes: [UInt8] = []
        while bytes.count < longest {
            try interruption.check()
            // A signal does not wake this thread: it looks ten times a second.
            var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 100) > 0 else { continue }
            var byte: UInt8 = 0
            guard Glibc.read(STDIN_FILENO, &byte, 1) == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
