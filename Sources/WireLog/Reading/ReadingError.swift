/// Why a recording cannot be read.
package enum ReadingError: Error, Hashable, Sendable {
    /// A system call failed.
    case system(file: String, operation: String, reason: String)
    /// The compressed bytes are damaged: what comes behind them cannot be read.
    case damagedGzip(file: String, position: Int)
}

extension ReadingError: CustomStringConvertible {
    /// One line that names the file.
    package var description: String {
        switch self {
        case .system(let file, let operation, let reason): "\(file): cannot \(operation): \(reason)"
        case .damagedGzip(let file, let position):
            "\(file): damaged gzip data before byte \(position); what is whole can be had with `zcat`"
        }
    }
}
