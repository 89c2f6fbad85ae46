internal import Glibc
package import Text

/// Where the wire log is written to (`--log PATH|-|none`).
package enum WireLogDestination: Hashable, Sendable {
    /// Only subscribers hear of it.
    case none
    case standardOutput
    /// A file, in bytes at most as large as given (`--log-max-size`; 0: no limit), and one older one: `path.1`.
    case file(path: String, maximumSize: Int)

    /// 100 MB.
    package static let defaultMaximumSize = 100_000_000

    func output(of format: LogFormat) -> (any LogOutput)? {
        switch self {
        case .none: nil
        case .standardOutput: LogStream()
        case .file(let path, let maximumSize): LogFile(path: path, format: format, maximumSize: maximumSize)
        }
    }

    /// Makes the file if it is missing, and tells why it cannot be written if so.
    ///
    /// - Throws: ``FileError``.
    package static func check(file path: String, for format: LogFormat) throws(FileError) {
        do throws(LogFailure) {
            _ = try OpenFile(path: path, format: format)
        } catch {
            throw FileError(path: path, reason: "\(error)")
        }
    }

    /// Checks that the destination can be a file, and is none of another kind. Only reads. What may be different a
    /// moment later, such as a right or a full disk, is left to the writing.
    ///
    /// - Throws: ``FileError``.
    package func checkContents(for format: LogFormat) throws(FileError) {
        guard case .file(let path, _) = self else { return }
        guard let status = FileStatus(path: path) else {
            guard errno == ENOTDIR else { return }
            throw FileError.last(path, "cannot be opened")
        }
        if status.isDirectory { throw FileError(path: path, reason: "is a directory; expected the path of a file") }
        guard status.isRegular, let reason = FileBeginning(path: path)?.refusal(of: format, at: path) else { return }
        throw FileError(path: path, reason: "cannot append: \(reason)")
    }
}
