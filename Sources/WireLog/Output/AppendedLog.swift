package import Text

/// A wire log to which whole lines are added as they are, at once, as ``WireLog`` adds its own.
package struct AppendedLog {
    private let path: String
    private var file: LogFile

    /// Opens the file; makes it if it is missing.
    ///
    /// - Throws: ``FileError``.
    package init(path: String) throws(FileError) {
        self.path = path
        file = LogFile(path: path, format: .wireLog, maximumSize: WireLogDestination.defaultMaximumSize)
        try attempt { file throws(LogFailure) in try file.prepare() }
    }

    /// - Parameter lines: with a newline at the end of each.
    /// - Throws: ``FileError``.
    package mutating func append(_ lines: [UInt8]) throws(FileError) {
        try attempt { file throws(LogFailure) in
            var rest = lines[...]
            try file.prepare()
            try file.append(&rest)
        }
    }

    private mutating func attempt(_ step: (inout LogFile) throws(LogFailure) -> Void) throws(FileError) {
        do throws(LogFailure) {
            try step(&file)
        } catch {
            throw FileError(path: path, reason: "\(error)")
        }
    }
}
