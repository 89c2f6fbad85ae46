internal import Glibc

/// A system call of an output that failed.
struct LogFailure: Error, Hashable, CustomStringConvertible {
    /// What was tried: `open`, `write`, `rename`.
    let operation: String
    /// The number of the error, as in `errno`.
    let code: Int32
    /// Instead of the words of the system for the number.
    var reason: String?

    /// The failure of the call that has just returned.
    static func last(_ operation: String) -> LogFailure {
        LogFailure(operation: operation, code: errno)
    }

    /// Whether nobody will ever read what is written: the pipe's other end is closed.
    var isFinal: Bool { code == EPIPE }

    var description: String { "cannot \(operation): \(reason ?? String(cString: strerror(code)))" }
}
