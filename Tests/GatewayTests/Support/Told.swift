import Logging
import Settings
import Synchronization

@testable import Gateway

/// The lines that were told to the operator.
final class Told: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger {
        OperatorLog.logger(.init(.info)) { [self] _, text in lines.withLock { $0.append(text) } }
    }

    /// What has been told since this was asked last.
    func newLines() -> [String] {
        lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
    }
}
