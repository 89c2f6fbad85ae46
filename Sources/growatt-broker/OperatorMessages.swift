internal import Glibc
internal import Settings
internal import Synchronization
internal import Text
internal import WireLog

/// Lines for the operator on stderr, in the form that was chosen; from any thread, and without waiting for the reader.
enum OperatorMessages {
    /// Until something else is said: as it fits to where stderr leads.
    static var format: MessageFormat {
        get { chosen.withLock { $0 } }
        set { chosen.withLock { $0 = newValue == .auto ? detected : newValue } }
    }

    private static let chosen = Mutex(detected)
    private static let lines = QueuedLines(STDERR_FILENO) { text(.warning, "\($0.counted("message")) lost") }

    @Sendable static func write(_ level: LogLevel, _ line: String) {
        lines.append(text(level, line))
    }

    /// Waits until the reader has it all; see ``QueuedLines/flush(timeout:)``.
    static func flush(timeout: Duration? = .seconds(1)) {
        lines.flush(timeout: timeout)
    }

    private static func text(_ level: LogLevel, _ line: String) -> String {
        switch format {
        case .auto, .text: TerminalScreen.fitted("growatt-broker: \(line.onOneLine)", to: STDERR_FILENO)
        case .journal: "<\(level.priority)>\(line.onOneLine)"
        case .json: object(level, line).line
        }
    }

    private static func object(_ level: LogLevel, _ line: String) -> JSONValue {
        let now = SystemClock.microsecondsSince1970
        return .object([
            .init("ts", .string(Timestamp.local(now))), .init("t", .number(seconds(now))),
            .init("level", .string(level.rawValue)), .init("message", .string(line)),
        ])
    }

    /// Since 1970, with microseconds.
    private static func seconds(_ microseconds: Int64) -> String {
        let (seconds, rest) = microseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        return (microseconds < 0 ? "-" : "") + "\(seconds)." + String("\(1_000_000 + rest)".dropFirst())
    }

    /// systemd names the device and inode of the journal's stream, because stderr may lead elsewhere again.
    private static var detected: MessageFormat {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return .text }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)" ? .journal : .text
    }
}

extension LogLevel {
    /// As syslog(3) has it.
    fileprivate var priority: Int {
        switch self {
        case .error: 3
        case .warning: 4
        case .info: 6
        case .debug: 7
        }
    }
}
