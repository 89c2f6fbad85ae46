internal import Glibc

/// The bytes of a file, or of the standard input, as they are stored.
final class FileSource {
    /// The name that stands for the standard input.
    static let standardInput = "-"

    let path: String
    /// In bytes; nil if it is no regular file.
    let size: Int?
    private(set) var bytesRead = 0
    private let descriptor: Int32

    init(path: String) throws(ReadingError) {
        self.path = path
        let isStandard = path == Self.standardInput
        descriptor = isStandard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .last("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last("open", path) }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw .system(file: path, operation: "read", reason: "it is a directory")
        }
        size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    deinit {
        if descriptor > STDIN_FILENO { close(descriptor) }
    }

    /// Reads some bytes.
    ///
    /// - Returns: how many; 0 at the end.
    func read(into memory: UnsafeMutableRawBufferPointer) throws(ReadingError) -> Int {
        while true {
            let count = Glibc.read(descriptor, memory.baseAddress, memory.count)
            if count >= 0 {
                bytesRead += count
                return count
            }
            if errno != EINTR { throw .last("read", path) }
        }
    }
}

extension ReadingError {
    /// The failure of the call that has just returned.
    fileprivate static func last(_ operation: String, _ path: String) -> ReadingError {
        .system(file: path, operation: operation, reason: String(cString: strerror(errno)))
    }
}
