internal import Glibc

/// An open file, pipe or terminal that takes whole lines.
///
/// When a write fails in the middle of a line, the file is cut back to its last whole line; where that is impossible
/// the torn line is ended before the next one.
final class LineDescriptor {
    /// A patience without limit.
    static let endless: Int32 = -1

    let number: Int32
    private let isOwned: Bool
    private let patience: Int32
    private(set) var isTorn = false

    /// - Parameters:
    ///   - isOwned: whether it is closed with this object.
    ///   - patience: how long a full pipe in non-blocking mode is waited for, in milliseconds, or ``endless``.
    init(_ number: Int32, isOwned: Bool, patience: Int32 = 1000) {
        self.number = number
        self.isOwned = isOwned
        self.patience = patience
    }

    deinit {
        if isOwned { close(number) }
    }

    /// As ``LogOutput/append(_:)``.
    func append(_ lines: inout ArraySlice<UInt8>) throws(LogFailure) {
        if isTorn { try endTornLine() }
        let (written, failure) = write(lines)
        let end = lines.startIndex + written
        guard let failure else {
            lines = lines[end...]
            return
        }
        let wholeLines = lines[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? lines.startIndex
        if wholeLines < end { cutOff(end - wholeLines) }
        lines = lines[wholeLines...]
        throw failure
    }

    /// Ends a line that somebody else, or an earlier process, has left unfinished.
    func endTornLine() throws(LogFailure) {
        isTorn = true
        let (_, failure) = write([UInt8(ascii: "\n")])
        if let failure { throw failure }
        isTorn = false
    }

    /// Writes until everything is out, or a call fails.
    private func write(_ bytes: ArraySlice<UInt8>) -> (written: Int, failure: LogFailure?) {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = Glibc.write(number, rest.baseAddress, rest.count)
                if count > 0 {
                    written += count
                } else if count == 0 || (errno != EINTR && !(errno == EAGAIN && waitUntilWritable())) {
                    return (written, count == 0 ? LogFailure(operation: "write", code: EIO) : .last("write"))
                }
            }
            return (written, nil)
        }
    }

    /// Keeps `errno` where it returns false.
    private func waitUntilWritable() -> Bool {
        var descriptor = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        let isReady = poll(&descriptor, 1, patience) > 0
        if !isReady { errno = EAGAIN }
        return isReady
    }

    private func cutOff(_ count: Int) {
        var status = stat()
        let isFile = fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        isTorn = !isFile || ftruncate(number, max(0, status.st_size - off_t(count))) != 0
        // A file that a shell has opened does not append by itself: the next line would leave a hole.
        if !isTorn { lseek(number, 0, SEEK_END) }
    }
}
