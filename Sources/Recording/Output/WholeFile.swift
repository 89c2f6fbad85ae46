internal import Glibc

/// A file that is read or written in one go.
package enum WholeFile {
    /// Reads a file of at most `limit` bytes.
    ///
    /// - Throws: ``FileError`` if it cannot be read or is larger.
    package static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
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

    /// Writes a file whole or not at all: to a new one beside it, which then takes its name.
    ///
    /// - Throws: ``FileError`` if that is not possible; what was there before is unchanged then.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let draft = "\(path).\(getpid()).tmp"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
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
        if failure == nil, rename(draft, path) != 0 { failure = .last(path, "cannot be written") }
        guard let failure else { return }
        unlink(draft)
        throw failure
    }
}

/// Why a file cannot be used.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    static func last(_ path: String, _ what: String) -> FileError {
        FileError(path: path, reason: "\(what): \(String(cString: strerror(errno)))")
    }

    package var description: String { "\(path): \(reason)" }
}
