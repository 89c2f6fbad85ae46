package import Logging
package import Settings
internal import Synchronization

/// Lines for the operator. The level holds for all loggers that share it, and can be changed while they are used.
package struct OperatorLog: LogHandler {
    /// The level that loggers share.
    package final class Level: Sendable {
        private let index: Atomic<Int>

        package init(_ level: LogLevel) {
            index = Atomic(Self.index(of: level))
        }

        package var value: LogLevel {
            get { LogLevel.allCases[index.load(ordering: .relaxed)] }
            set { index.store(Self.index(of: newValue), ordering: .relaxed) }
        }

        private static func index(of level: LogLevel) -> Int { LogLevel.allCases.firstIndex(of: level) ?? 0 }
    }

    package var metadata: Logger.Metadata = [:]
    private let level: Level
    private let write: @Sendable (LogLevel, String) -> Void

    /// - Parameter write: takes each line, and how important it is, from any thread; it must not block, because most come from the event loop.
    package static func logger(_ level: Level, write: @escaping @Sendable (LogLevel, String) -> Void) -> Logger {
        Logger(label: "growatt-broker") { _ in OperatorLog(level: level, write: write) }
    }

    private init(level: Level, write: @escaping @Sendable (LogLevel, String) -> Void) {
        self.level = level
        self.write = write
    }

    package var logLevel: Logger.Level {
        get { Logger.Level(level.value) }
        set { level.value = LogLevel(newValue) }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        write(LogLevel(event.level), "\(event.message)")
    }
}

extension Logger.Level {
    fileprivate init(_ level: LogLevel) {
        self =
            switch level {
            case .error: .error
            case .warning: .warning
            case .info: .info
            case .debug: .debug
            }
    }
}

extension LogLevel {
    fileprivate init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace, .debug: .debug
            case .info, .notice: .info
            case .warning: .warning
            case .error, .critical: .error
            }
    }
}
