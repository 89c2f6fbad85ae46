internal import Glibc
internal import Text

/// A log file that is open for appending.
struct OpenFile {
    let lines: LineDescriptor
    let identity: FileStatus.Identity
    let isRegular: Bool
    /// In bytes.
    var size: Int

    /// Opens the file; makes it, and the directories that it needs, where they are missing.
    ///
    /// - Parameter format: of the lines to add; a file of another kind is refused.
    init(path: String, format: LogFormat) throws(LogFailure) {
        lines = try Self.open(path)
        guard let status = FileStatus(descriptor: lines.number) else { throw .last("open") }
        identity = status.identity
        isRegular = status.isRegular
        size = status.size
        if isRegular, size > 0, let reason = FileBeginning(path: path)?.refusal(of: format, at: path) {
            throw LogFailure(operation: "append", code: EEXIST, reason: reason)
        }
        if isRegular, size > 0, Self.endsTorn(path, size) {
            try lines.endTornLine()
            size += 1
        }
    }

    private static func open(_ path: String) throws(LogFailure) -> LineDescriptor {
        // Without O_NONBLOCK the opening of a named pipe waits for a reader.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
        var descriptor = Glibc.open(path, flags, 0o640)
        if descriptor < 0, errno == ENOENT {
            makeDirectories(for: path)
            descriptor = Glibc.open(path, flags, 0o640)
        }
        guard descriptor >= 0 else { throw .last("open") }
        return LineDescriptor(descriptor, isOwned: true)
    }

    /// What goes wrong here is told by the next attempt to open the file.
    private static func makeDirectories(for path: String) {
        let bytes = path.utf8
        for slash in bytes.indices where bytes[slash] == UInt8(ascii: "/") && slash != bytes.startIndex {
            mkdir(String(path[..<slash]), 0o755)
        }
    }

    /// Whether the last byte is no newline. A file that cannot be read is taken for whole.
    private static func endsTorn(_ path: String, _ size: Int) -> Bool {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var last = UInt8(ascii: "\n")
        return pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last != UInt8(ascii: "\n")
    }
}
