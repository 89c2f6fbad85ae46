internal import Glibc

/// A file that is read or written in one go.
package enum WholeFile {
    /// Reads a file of at most `limit` bytes.
    ///
    /// - Parameter waits: whether it may be a pipe or a device of any name, and its reading last.
    /// - Throws: ``FileError`` if it cannot be read or is larger.
    package static func read(_ path: String, atMost limit: Int, waits: Bool = false) throws(FileError) -> [UInt8] {
        if !waits { try refuseEndless(path) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .last(path, "cannot be opened") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last(path, "cannot be read") }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw FileError(path: path, reason: "has more than \(limit) bytes") }
        }
    }

    /// Refuses a pipe, a device or a socket: its reading may never end.
    ///
    /// - Parameter takesStreams: whether a stream that the process was started with may be a pipe: `/dev/stdin`,
    ///   `/dev/fd/63`.
    /// - Throws: ``FileError``.
    package static func refuseEndless(_ path: String, takesStreams: Bool = true) throws(FileError) {
        let streams = ["/dev/stdin", "/dev/fd/", "/proc/self/fd/"]
        // The empty file of many scripts.
        guard path != "/dev/null", !takesStreams || !streams.contains(where: { path.hasPrefix($0) }),
            let found = FileStatus(path: path), !found.isRegular, !found.isDirectory
        else { return }
        let what = found.isDevice ? "device" : "pipe or a socket"
        throw FileError(path: path, reason: "is a \(what); expected a regular file")
    }

    /// Tells before any work whether ``write(_:to:replacing:)`` would refuse the path.
    ///
    /// - Parameters:
    ///   - inputs: paths of what is read; none of them may be the output, under whatever name.
    ///   - replacing: whether a file that exists may be replaced (`--force`).
    /// - Throws: ``FileError`` if it would.
    package static func check(output path: String, inputs: [String] = [], replacing: Bool) throws(FileError) {
        guard let found = FileStatus(path: path), !isStream(path) else { return }
        if found.isDirectory { throw FileError(path: path, reason: "is a directory; expected the path of a file") }
        guard found.isRegular else { return }
        for input in inputs where status(ofInput: input)?.identity == found.identity {
            throw FileError(path: path, reason: "is what is read (\(input)); name another file for the output")
        }
        if !replacing { throw FileError(path: path, reason: "exists; name another file, or replace it with --force") }
    }

    /// Writes a file whole or not at all: to a new one beside it, which then takes its name. A device or a pipe is
    /// written to as it is.
    ///
    /// - Parameter replacing: whether a file that exists may be replaced.
    /// - Throws: ``FileError`` if that is not possible; what was there before is unchanged then.
    package static func write(_ bytes: [UInt8], to path: String, replacing: Bool = true) throws(FileError) {
        try check(output: path, replacing: replacing)
        if isStream(path) || FileStatus(path: path).map({ !$0.isRegular }) ?? false {
            return try put(bytes, path, into: open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY))
        }
        let draft = "\(path).\(String(UInt64.random(in: 0...(.max)), radix: 36)).tmp"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        do throws(FileError) {
            try put(bytes, path, into: descriptor)
            try takeName(path, draft, replacing: replacing)
        } catch {
            if descriptor >= 0 { unlink(draft) }
            throw error
        }
    }

    /// A name of the system, such as `/dev/stdout`: never replaced, whatever it leads to.
    private static func isStream(_ path: String) -> Bool { path.hasPrefix("/dev/") || path.hasPrefix("/proc/") }

    private static func status(ofInput path: String) -> FileStatus? {
        path == "-" ? FileStatus(descriptor: STDIN_FILENO) : FileStatus(path: path)
    }

    /// A file that somebody else has made meanwhile is not replaced.
    private static func takeName(_ path: String, _ draft: String, replacing: Bool) throws(FileError) {
        if replacing {
            guard rename(draft, path) == 0 else { throw .last(path, "cannot be written") }
        } else if link(draft, path) == 0 {
            unlink(draft)
        } else {
            // File systems without hard links, such as FAT.
            guard errno == EPERM || errno == EOPNOTSUPP, access(path, F_OK) != 0, rename(draft, path) == 0 else {
                throw .last(path, "cannot be written")
            }
        }
    }

    /// Closes the descriptor.
    private static func put(_ bytes: [UInt8], _ path: String, into descriptor: Int32) throws(FileError) {
        guard descriptor >= 0 else { throw .last(path, "cannot be written") }
        var failure: FileError?
        var rest = bytes[...]
        while !rest.isEmpty, failure == nil {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                failure = .last(path, "cannot be written")
            }
        }
        if close(descriptor) != 0 { failure = failure ?? .last(path, "cannot be written") }
        if let failure { throw failure }
    }
}

/// Why a file cannot be used.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    /// - Parameter reason: stands behind the path and a colon.
    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    /// The error of the system call that has just failed.
    ///
    /// - Parameter what: stands before the words of the system, such as "cannot be read".
    package static func last(_ path: String, _ what: String) -> FileError {
        FileError(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }

    package var description: String { "\(path): \(reason)" }
}
