internal import Glibc

/// Whole lines to stderr and stdout, each in one write, from any thread.
enum StandardStreams {
    /// For who has called a tool.
    static func printError(_ line: String) {
        printMessage("growatt-broker: \(line)")
    }

    /// For the operator, as it is.
    static func printMessage(_ line: String) {
        write("\(line)\n", to: STDERR_FILENO)
    }

    static func print(_ line: String) {
        write("\(line)\n", to: STDOUT_FILENO)
    }

    /// A result of any length.
    static func printWhole(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            // Nobody is left to tell when even this fails.
            _ = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }
}
